--- The look of the reports: run by pandoc after quarto.lua, or by Quarto itself as a filter at post-quarto.
--
-- The trees differ: pandoc's has figures and divisions; Quarto's has custom nodes, which Quarto would make
-- tables of in Word. Both become pandoc's own elements first, so that each format's look knows one tree.

--- A file beside this one; Quarto may have moved to another folder.
local function beside(name)
  if quarto then return dofile(quarto.utils.resolve_path(name)) end
  return dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), name })
end

local boxes = beside "boxes.lua"
local medium = boxes.medium
local LOOKS = { docx = "word.lua", pptx = "slides.lua", typst = "print.lua", markdown = "plain.lua" }
local look = LOOKS[medium] and beside(LOOKS[medium])

-- What Quarto has left, as pandoc's own elements

--- What figures and tables are called, by identifier: Quarto numbers them.
local labels = {}

--- How Quarto's own identifiers begin, of floats that nobody has given one: they bear no number.
local UNLABELLED = "^%a+%-539a35d47e664c97a50115a146a7f1bd%-"

--- The name of a float with its number, such as "Figure 1"; nil for one that nothing can refer to.
local function label_of(float)
  local order = float.order and float.order.order
  if not order or float.identifier:match(UNLABELLED) then return nil end
  return (float.type or "Figure") .. "\u{a0}" .. order
end

local function blocks_of(content)
  if content == nil then return pandoc.Blocks {} end
  if pandoc.utils.type(content) == "Block" then return pandoc.Blocks { content } end
  return pandoc.Blocks(content)
end

--- A figure or table of Quarto's.
local function figure_of(content, caption, attr, label)
  local long = {}
  if caption and #pandoc.utils.blocks_to_inlines(caption) > 0 then long = caption end
  if #content == 1 and content[1].t == "Table" then
    local labelled = boxes.labelled(content[1], attr, long)
    if label then labelled.caption = boxes.called(labelled.caption, label) end
    return labelled
  end
  local figure = pandoc.Figure(content, { long = long }, attr)
  if label then figure.caption = boxes.called(figure.caption, label) end
  return figure
end

--- Quarto's figures and tables, while Quarto knows their numbers.
local function float_of(float)
  local label = label_of(float)
  if label then labels[float.identifier] = label end
  local attr = pandoc.Attr(float.identifier or "", float.classes or {}, float.attributes or {})
  return figure_of(blocks_of(float.content), blocks_of(float.caption_long), attr, label)
end

local function callout_of(callout)
  local title = callout.title and quarto.utils.as_inlines(callout.title)
  return boxes.callout(callout.type, title, blocks_of(callout.content))
end

--- Tabs as headed sections, which print and are read aloud in their order.
local function sections_of(tabset)
  local result = pandoc.Blocks {}
  for index = 1, #tabset.tabs do
    local tab = tabset.tabs[index]
    result:insert(pandoc.Header(tabset.level, quarto.utils.as_inlines(tab.title)))
    result:extend(blocks_of(tab.content))
  end
  return result
end

--- What a custom node's places hold: Quarto keeps each in a division of its own.
local function slots_of(node)
  return node.content:map(function(scaffold) return scaffold.content end)
end

--- Divisions that only hold something, as what they hold.
local function unwrapped(div)
  local kind = div.attributes.__quarto_custom_type
  if kind == "ConditionalBlock" then
    local content = slots_of(div)[1]
    return content[1] and content[1].t == "Div" and content[1].content or content
  elseif kind == "FloatRefTarget" then
    local slots = slots_of(div)
    return figure_of(slots[1] or {}, slots[2], pandoc.Attr())
  elseif div.classes:includes "cell" or div.classes:find_if(function(c) return c:match "^cell%-output" end) then
    return div.content
  elseif div.attributes["layout-ncol"] then
    return boxes.columns(div)
  end
end

--- Quarto parts boxes that would be tables in Word by paragraphs of a space.
local function without_spacer(paragraph)
  if #paragraph.content == 1 and pandoc.utils.stringify(paragraph) == " " then return {} end
end

--- Page breaks that Quarto has made of its shortcode, as those of headings.
local function page_break_of(raw)
  local breaks = { openxml = '<w:br w:type="page"', typst = "^#pagebreak%(" }
  if breaks[raw.format] and raw.text:match(breaks[raw.format]) then return boxes.page_break() end
end

--- Typst's references to figures that are numbered here: links, as in the other formats.
local function links_of(inlines)
  local result, inside = pandoc.Inlines {}, false
  for _, inline in ipairs(inlines) do
    local target = inline.t == "RawInline" and inline.text:match "^#ref%(<(.-)>"
    if target and labels[target] then
      result:insert(pandoc.Link(labels[target], "#" .. target))
      inside = true
    elseif not inside then
      result:insert(inline)
    elseif inline.t == "RawInline" and inline.text == "])" then
      inside = false
    end
  end
  return result
end

-- What all formats share

--- The report's opening hands over the running head and the page's title in a division of no content.
local function take_properties(doc)
  local properties = {}
  doc.blocks = doc.blocks:walk {
    Div = function(div)
      if not div.classes:includes "document-properties" then return nil end
      for key, value in pairs(div.attributes) do properties[key] = value end
      return {}
    end,
  }
  for _, key in ipairs { "pagetitle", "running" } do
    if properties[key] then doc.meta[key] = pandoc.Inlines(properties[key]) end
  end
end

--- A table without a head says what its rows are in their first cells.
local function headed(content)
  if #content.head.rows > 0 then return nil end
  for _, body in ipairs(content.bodies) do
    if body.row_head_columns == 0 then body.row_head_columns = 1 end
  end
  return content
end

local function is_bold(blocks)
  local inlines = #blocks == 1 and blocks[1].content
  return inlines and #inlines == 1 and inlines[1].t == "Strong"
end

--- Whether a row has a bold name and nothing else.
local function is_band(row)
  for index, cell in ipairs(row.cells) do
    if index > 1 and pandoc.utils.stringify(cell.contents) ~= "" then return false end
  end
  return #row.cells > 1 and is_bold(row.cells[1].contents)
end

--- A row of a bold name alone stands over all columns; plain Markdown has no such cells.
local function banded(content)
  local columns = #content.colspecs
  for _, body in ipairs(content.bodies) do
    for _, row in ipairs(body.row_head_columns == 0 and body.body or {}) do
      if is_band(row) then
        local name = row.cells[1]
        row.cells = { pandoc.Cell(name.contents, "AlignLeft", 1, columns, name.attr) }
      end
    end
  end
  return content
end

--- Mark tables that a note follows: it explains their marks and has to stay with them.
local function noted(blocks)
  for index = 2, #blocks do
    local before, note = blocks[index - 1], blocks[index]
    if before.t == "Div" and note.t == "Div" and note.classes:includes "note"
      and before.classes:includes "crosstab" then
      before.classes:insert "noted"
    end
  end
  return blocks
end

-- The title of documents and decks

local function is_under_title(block)
  if not block or block.t ~= "Div" then return false end
  local classes = block.classes
  return classes:includes "embargo" or classes:includes "facts"
    or (medium == "pptx" and classes:includes "banner")
end

--- The heading with the facts under it, wherever a source has moved it; without facts the first of its level.
local function title_index(blocks)
  local first
  for index, block in ipairs(blocks) do
    if block.t == "Header" and block.level == 1 then
      if is_under_title(blocks[index + 1]) then return index end
      first = first or index
    end
  end
  return first
end

--- The report's heading as the title, the facts under it as the subtitle; Quarto may have taken the heading.
local function titled(doc)
  local blocks, meta = doc.blocks, doc.meta
  local place = title_index(blocks)
  if place then
    meta.title = blocks:remove(place).content
  elseif meta.title then
    place = 1
  else
    meta.title = meta.pagetitle
    return
  end
  local said = pandoc.Inlines {}
  while is_under_title(blocks[place]) do
    local under = blocks:remove(place)
    if #said > 0 and under.classes:includes "banner" then said:insert(pandoc.LineBreak()) end
    for _, block in ipairs(under.content) do
      if #said > 0 then said:insert(pandoc.LineBreak()) end
      said:extend(block.content)
    end
  end
  if #said > 0 then meta.subtitle = said end
  doc.blocks = blocks
end

--- Quarto's store of what it has taken out, which it looks for at the end of the document.
local function take_store(blocks)
  local last = blocks[#blocks]
  if last and last.t == "Div" and last.classes:includes "hidden" then return blocks:remove() end
end

local function dressed(doc)
  local store = take_store(doc.blocks)
  take_properties(doc)
  if medium ~= "html" then doc = doc:walk { Div = unwrapped } end
  if medium == "docx" then doc = doc:walk { Para = without_spacer, RawBlock = page_break_of } end
  if medium == "typst" then doc = doc:walk { Inlines = links_of, RawBlock = page_break_of } end
  doc = doc:walk { Table = headed }
  if medium ~= "pptx" and medium ~= "markdown" then doc = doc:walk { Table = banded, Blocks = noted } end
  if medium == "docx" or medium == "pptx" then
    titled(doc)
    -- The header of the reference document shows the subject; the others would be properties of their own.
    doc.meta.subject, doc.meta.running, doc.meta.pagetitle = doc.meta.running, nil, nil
  end
  if look then doc.blocks = look(doc.blocks, boxes) end
  doc.blocks:insert(store)
  return doc
end

local custom = {}
if quarto and medium ~= "html" then
  custom = { FloatRefTarget = float_of, Callout = callout_of, Tabset = sections_of }
end

return { custom, { Pandoc = dressed } }
