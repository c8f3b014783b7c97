--- Word: classes become styles of the reference document; figures are paragraphs, never tables.

local STYLES = {
  banner = "Banner",
  callout = "Callout",
  embargo = "Embargo",
  facts = "Facts",
  fragility = "Fine Print",
  note = "Fine Print",
  ["over-chart"] = "Over Chart",
  segment = "Segment",
}

local VERDICTS = { safe = "Verdict Safe", caution = "Verdict Caution", suppressed = "Verdict Stop" }

--- Letters of a table's line, and the lines that Word is asked to keep on one page.
local LINE, MOST_KEPT = 95, 18

local boxes

local function styled(style, identifier)
  return pandoc.Attr(identifier or "", {}, { ["custom-style"] = style })
end

-- Tables

--- All rows from the head's to the last.
local function rows_of(content)
  local rows = pandoc.List {}
  rows:extend(content.head.rows)
  for _, body in ipairs(content.bodies) do
    rows:extend(body.head)
    rows:extend(body.body)
  end
  return rows
end

--- About how many letters stand in a line of each column.
local function widths_of(content)
  return content.colspecs:map(function(column)
    local width = column[2]
    return width and width > 0 and width * LINE or LINE
  end)
end

--- About how many lines a row takes; a cell over all columns takes one.
local function lines_of(row, widths)
  local most = 1
  if #row.cells ~= #widths then return most end
  for index, cell in ipairs(row.cells) do
    local letters = pandoc.text.len(pandoc.utils.stringify(cell.contents))
    most = math.max(most, math.ceil(letters / widths[index]))
  end
  return most
end

--- Word keeps a row with the next by the first paragraph of it.
local function keep(row)
  local first = row.cells[1]
  if not first or #first.contents == 0 then return end
  first.contents = { pandoc.Div(boxes.in_paragraphs(first.contents), styled "Kept Row") }
  row.cells[1] = first
end

--- Have Word keep a short table on one page; of a longer one its head, its ends, names with their rows.
local function kept(content, has_note)
  local rows, widths, lines = rows_of(content), widths_of(content), 0
  for _, row in ipairs(rows) do lines = lines + lines_of(row, widths) end
  local heads, last = #content.head.rows, has_note and #rows or #rows - 1
  for index = 1, last do
    local row = rows[index]
    local at_an_end = index <= heads + 1 or index >= #rows - 1
    if lines <= MOST_KEPT or at_an_end or #row.cells < #widths then keep(row) end
  end
  return content
end

-- Elements

--- Headings stand a level up, the title having taken the first.
local function heading(header)
  local result = pandoc.Header(math.max(1, header.level - 1), header.content, pandoc.Attr(header.identifier))
  return boxes.begins_a_page(header) and { boxes.word_break(), result } or result
end

local function division(div)
  if boxes.is_another(div) then return nil end
  if div.classes:includes "crosstab" then
    local has_note = div.classes:includes "noted"
    div.content = div.content:map(function(block)
      return block.t == "Table" and kept(block, has_note) or block
    end)
  end
  local style = boxes.first_of(div.classes, STYLES)
  return style and pandoc.Div(div.content, styled(style)) or div.content
end

local function verdict(span)
  if not span.classes:includes "verdict" then return nil end
  local style = boxes.first_of(span.classes, VERDICTS)
  return pandoc.Span(span.content, style and styled(style) or pandoc.Attr())
end

--- The caption over the picture, its style keeping it there.
local function figure(content)
  local caption = boxes.in_paragraphs(content.caption.long)
  local blocks = pandoc.Blocks {}
  if #caption > 0 then blocks:insert(pandoc.Div(caption, styled "Image Caption")) end
  local style = #caption > 0 and "Captioned Figure" or "Figure"
  blocks:insert(pandoc.Div(boxes.in_paragraphs(content.content), styled(style)))
  if content.identifier == "" then return blocks end
  return pandoc.Div(blocks, pandoc.Attr(content.identifier))
end

local function image(picture)
  picture.caption = boxes.words(boxes.alternative(picture))
  picture.attributes["fig-alt"], picture.attributes.alt = nil, nil
  return picture
end

local function is_break(block)
  return block and block.t == "Div" and block.attributes["custom-style"] == "Page Break"
end

--- Of breaks that follow each other one is left: two would make an empty page.
local function without_empty_pages(blocks)
  for index = #blocks, 2, -1 do
    if is_break(blocks[index]) and is_break(blocks[index - 1]) then blocks:remove(index) end
  end
  return blocks
end

return function(blocks, shared)
  boxes = shared
  local result = blocks:walk { Image = image, Span = verdict, Header = heading, Div = division }
  return result:walk { Figure = figure, Blocks = without_empty_pages }
end
