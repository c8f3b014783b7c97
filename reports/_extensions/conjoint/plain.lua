--- Plain Markdown: no attributes, pictures with their captions under them, verdicts in italics.

local boxes

local function division(div)
  if boxes.is_another(div) then return nil end
  return div.content
end

local function span(element)
  return element.classes:includes "verdict" and pandoc.Emph(element.content) or element.content
end

local function link(element)
  if element.classes:includes "reference" or element.classes:includes "quarto-xref" then
    return element.content
  end
end

local function image(picture)
  return pandoc.Image(boxes.words(boxes.alternative(picture)), picture.src, picture.title)
end

local function figure(element)
  local result = boxes.in_paragraphs(element.content)
  result:extend(boxes.in_paragraphs(element.caption.long))
  return result
end

local function captioned(element)
  local result = boxes.in_paragraphs(element.caption.long)
  element.attr, element.caption = pandoc.Attr(), {}
  result:insert(element)
  return result
end

return function(blocks, shared)
  boxes = shared
  return blocks:walk {
    Span = span, Link = link, Image = image, Figure = figure, Table = captioned, Div = division,
  }
end
