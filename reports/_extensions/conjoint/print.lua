--- The PDF: Typst's functions, which the template defines, around what they dress.

local FUNCTIONS = {
  banner = "banner",
  callout = "boxed",
  embargo = "embargo",
  facts = "small",
  fragility = "small",
  note = "small",
  noted = "noted",
  ["over-chart"] = "overchart",
  segment = "segment",
}

local COLOURS = { safe = "#0b6b3a", caution = "#8a4b00", suppressed = "#a3150f" }
local INK = "#1a1a1a"

local UNITS = pandoc.List { "%", "pt", "mm", "cm", "in", "em" }

local boxes

--- Text as a string of Typst.
local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function inlines_within(opening, inlines)
  local result = pandoc.Inlines { pandoc.RawInline("typst", opening) }
  result:extend(inlines)
  result:insert(pandoc.RawInline("typst", "]"))
  return result
end

--- A figure of Typst's, with a caption and a label where it has them; Quarto would leave a table without.
local function figure_around(element, kind, content)
  local opening = pandoc.Inlines { pandoc.RawInline("typst", "#figure(kind: " .. kind) }
  if #element.caption.long > 0 then
    opening:insert(pandoc.RawInline("typst", ", caption: ["))
    opening:extend(pandoc.utils.blocks_to_inlines(element.caption.long, { pandoc.Space() }))
    opening:insert(pandoc.RawInline("typst", "]"))
  end
  opening:insert(pandoc.RawInline("typst", ")["))
  local label = element.identifier:match "^[%w_:.-]+$" and "<" .. element.identifier .. ">" or ""
  local result = pandoc.Blocks { pandoc.Plain(opening) }
  result:extend(content)
  result:insert(pandoc.RawBlock("typst", "]" .. label .. "\n"))
  return result
end

local function figure(element)
  return figure_around(element, "image", element.content)
end

local function table_figure(content)
  local bare = content:clone()
  bare.attr, bare.caption = pandoc.Attr("", { "typst:no-figure" }), {}
  return figure_around(content, "table", { bare })
end

--- A table whose head is marked as one: the first row of a table without a head is a row as any other.
local function printed_table(content)
  for _, row in ipairs(content.head.rows) do
    for _, cell in ipairs(row.cells) do
      cell.contents = cell.contents:map(function(block)
        block.content = inlines_within("#tablehead[", block.content)
        return block
      end)
    end
  end
  return table_figure(content)
end

--- A width as Typst writes it; pixels are those of a page of 96 an inch.
local function width_of(picture)
  local number, unit = (picture.attributes.width or ""):match "^(%d+%.?%d*)([%a%%]*)$"
  if unit == "" or unit == "px" then return ("%gpt"):format(number * 0.75) end
  return UNITS:includes(unit) and number .. unit or "100%"
end

--- A picture with its alternative text, which pandoc's writer leaves out.
local function image(picture)
  local given = { quoted(picture.src), "width: " .. width_of(picture) }
  table.insert(given, "alt: " .. quoted(boxes.alternative(picture)))
  return pandoc.RawInline("typst", "#image(" .. table.concat(given, ", ") .. ")")
end

local function heading(header)
  if not boxes.begins_a_page(header) then return nil end
  local result = pandoc.Header(header.level, header.content, pandoc.Attr(header.identifier))
  return { pandoc.RawBlock("typst", "#pagebreak(weak: true)"), result }
end

local function division(div)
  if boxes.is_another(div) then return nil end
  local name = boxes.first_of(div.classes, FUNCTIONS)
  if not name then return div.content end
  local result = pandoc.Blocks { pandoc.RawBlock("typst", "#" .. name .. "[") }
  result:extend(div.content)
  result:insert(pandoc.RawBlock("typst", "]"))
  return result
end

local function verdict(span)
  if not span.classes:includes "verdict" then return nil end
  local colour = boxes.first_of(span.classes, COLOURS) or INK
  return inlines_within('#verdict("' .. colour .. '")[', span.content)
end

return function(blocks, shared)
  boxes = shared
  return blocks:walk {
    Image = image, Span = verdict, Header = heading, Table = printed_table, Figure = figure, Div = division,
  }
end
