--- What both filters make: titled boxes, columns, page breaks, captions with numbers.

local boxes = {}

--- The format of the output by one name, whichever of pandoc's writers Quarto takes for it.
local function medium_of(format)
  if format:match "^html" then return "html" end
  if format == "docx" or format == "pptx" or format == "typst" then return format end
  return "markdown"
end

boxes.medium = medium_of(FORMAT)

local CALLOUTS = {
  note = "Note",
  tip = "Tip",
  important = "Important",
  warning = "Warning",
  caution = "Caution",
}

--- Text as inlines; nil for no text.
function boxes.words(text)
  if not text then return nil end
  return pandoc.Inlines(text)
end

--- What a table has for the first class that it knows.
function boxes.first_of(classes, known)
  for _, class in ipairs(classes) do
    if known[class] then return known[class] end
  end
end

--- Classes of headings that begin a page.
local OWN_PAGE = { ["segment-page"] = true, ["last-page"] = true, appendix = true }

function boxes.begins_a_page(header)
  return boxes.first_of(header.classes, OWN_PAGE) or false
end

function boxes.in_paragraphs(blocks)
  return blocks:map(function(block)
    return block.t == "Plain" and pandoc.Para(block.content) or block
  end)
end

--- The kind of callout that classes name; nil for other divisions.
function boxes.callout_kind(classes)
  for _, class in ipairs(classes) do
    local kind = class:match "^callout%-(%a+)$"
    if CALLOUTS[kind] then return kind end
  end
end

--- A callout as a titled division; a quotation where a format has no divisions.
function boxes.callout(kind, title, content)
  if not title or #title == 0 then title = pandoc.Inlines(CALLOUTS[kind]) end
  local blocks = pandoc.Blocks { pandoc.Para { pandoc.Strong(title) } }
  blocks:extend(content)
  if boxes.medium == "markdown" or boxes.medium == "pptx" then return pandoc.BlockQuote(blocks) end
  return pandoc.Div(blocks, pandoc.Attr("", { "callout", "callout-" .. kind }, { role = "note" }))
end

local function grid_in_html(columns, content)
  local style = "display: grid; gap: 1rem; grid-template-columns: repeat(%d, minmax(0, 1fr))"
  local cells = content:map(function(block) return pandoc.Div { block } end)
  return pandoc.Div(cells, pandoc.Attr("", { "layout" }, { style = style:format(columns) }))
end

local function grid_in_print(columns, content)
  local grid = pandoc.Blocks { pandoc.RawBlock("typst", ("#grid(columns: %d, gutter: 1em,"):format(columns)) }
  for _, block in ipairs(content) do
    grid:extend { pandoc.RawBlock("typst", "["), block, pandoc.RawBlock("typst", "],") }
  end
  grid:insert(pandoc.RawBlock("typst", ")"))
  return grid
end

local function columns_on_slide(content)
  local columns = content:map(function(block) return pandoc.Div(block, pandoc.Attr("", { "column" })) end)
  return pandoc.Div(columns, pandoc.Attr("", { "columns" }))
end

--- A layout's columns side by side where the format has them, else one below the other.
function boxes.columns(div)
  local columns = math.max(1, math.floor(tonumber(div.attributes["layout-ncol"]) or 1))
  if boxes.medium == "html" then return grid_in_html(columns, div.content) end
  if boxes.medium == "typst" then return grid_in_print(columns, div.content) end
  if boxes.medium == "pptx" and #div.content == 2 then return columns_on_slide(div.content) end
  return div.content
end

--- The style begins a page; its paragraph is too low to see, but an empty one would be left out.
function boxes.word_break()
  return pandoc.Div({ pandoc.Para "\u{a0}" }, pandoc.Attr("", {}, { ["custom-style"] = "Page Break" }))
end

--- A new page, or a new slide.
function boxes.page_break()
  if boxes.medium == "html" then
    return pandoc.Div({}, pandoc.Attr("", { "pagebreak" }, { style = "break-after: page" }))
  elseif boxes.medium == "docx" then
    return boxes.word_break()
  elseif boxes.medium == "pptx" then
    return pandoc.HorizontalRule()
  elseif boxes.medium == "typst" then
    return pandoc.RawBlock("typst", "#pagebreak(weak: true)")
  end
  return {}
end

--- A table with a division's attributes added to its own, and its caption where it has one.
function boxes.labelled(content, attr, caption)
  content.identifier = attr.identifier
  content.classes:extend(attr.classes)
  for key, value in pairs(attr.attributes) do content.attributes[key] = value end
  if #caption > 0 then content.caption = { long = caption } end
  return content
end

--- A caption that begins with what its figure is called, in bold where its first words are.
function boxes.called(caption, label)
  local blocks = caption.long
  if #blocks == 0 then return { long = { pandoc.Plain(label) }, short = caption.short } end
  local inlines = blocks[1].content
  local bold = inlines[1] and inlines[1].t == "Strong"
  local first = bold and inlines[1].content or inlines
  first:insert(1, pandoc.Space())
  first:insert(1, pandoc.Str(label .. ":"))
  if bold then inlines[1].content = first else inlines = first end
  blocks[1].content = inlines
  return { long = blocks, short = caption.short }
end

--- What a picture shows: Quarto has it in an attribute, pandoc in the caption of the image.
function boxes.alternative(image)
  local attributes = image.attributes
  return attributes["fig-alt"] or attributes.alt or pandoc.utils.stringify(image.caption)
end

--- Whether a division is for Quarto or for the writer to see to.
function boxes.is_another(div)
  local attributes = div.attributes
  if attributes.__quarto_custom or attributes.__quarto_custom_scaffold or attributes["custom-style"] then
    return true
  end
  return div.classes:find_if(function(class)
    return class:match "^column%-" or class == "landscape" or class == "hidden"
  end) ~= nil
end

return boxes
