--- What Quarto does by itself and pandoc does not, for renderings without Quarto.
--
-- Everything here is documented Quarto (docs/reports.md lists it), so that Quarto renders the same source.

local folder = pandoc.path.directory(PANDOC_SCRIPT_FILE)
local boxes = dofile(pandoc.path.join { folder, "boxes.lua" })

--- What `when-format` may call the format of the output.
local NAMES = {
  html = { "html", "html4", "html5" },
  docx = { "docx" },
  pptx = { "pptx" },
  typst = { "typst" },
  markdown = { "gfm", "markdown", "commonmark" },
}

local KINDS = { fig = "Figure", tbl = "Table" }

--- Metadata that documents may carry; what else front matter has are Quarto's options.
local METADATA = pandoc.List {
  "lang", "dir", "title", "subtitle", "author", "keywords", "pagetitle", "running",
}

--- End with one line that the program reads: what is wrong, and what was expected.
local function refuse(wrong, expected)
  io.stderr:write("conjoint: ", wrong, "\t", expected, "\n")
  os.exit(65)
end

-- Conditional content

local function is_of_this_format(attributes)
  local names = pandoc.List(NAMES[boxes.medium])
  local only, without = attributes["when-format"], attributes["unless-format"]
  return (not only or names:includes(only)) and not (without and names:includes(without))
end

--- A part for some formats: true where it stands in this one, nil for a part that is unconditional.
local function is_visible(element)
  if element.classes:includes "content-visible" then
    return is_of_this_format(element.attributes)
  elseif element.classes:includes "content-hidden" then
    return not is_of_this_format(element.attributes)
  end
end

local function contents_where_visible(element)
  local visible = is_visible(element)
  if visible == nil then return nil end
  return visible and element.content or {}
end

local function code_where_visible(code)
  if is_visible(code) == false then return {} end
end

-- Figures and tables with numbers

--- The kind that an identifier begins with, "fig" or "tbl"; nil for other identifiers.
local function kind_of(identifier)
  local kind = identifier:match "^(%a%a%a)%-."
  kind = kind and kind:lower()
  return KINDS[kind] and kind
end

--- A division that is a figure or a table: its last paragraph is the caption.
local function float_of(div)
  local kind = kind_of(div.identifier)
  if not kind then return nil end
  local content, caption = div.content, pandoc.Blocks {}
  if #content > 1 and content[#content].t == "Para" then
    caption:insert(pandoc.Plain(content:remove().content))
  end
  if kind == "tbl" and #content == 1 and content[1].t == "Table" then
    return boxes.labelled(content[1], div.attr, caption)
  end
  return pandoc.Figure(content, { long = caption }, div.attr)
end

--- What each figure and table is called, by identifier.
local labels = {}

local counts = { fig = 0, tbl = 0 }

local function numbered(float)
  local kind = kind_of(float.identifier)
  if not kind then return nil end
  counts[kind] = counts[kind] + 1
  labels[float.identifier] = KINDS[kind] .. "\u{a0}" .. counts[kind]
  float.caption = boxes.called(float.caption, labels[float.identifier])
  return float
end

-- Cross-references

local function known_labels()
  local known = pandoc.List {}
  for identifier in pairs(labels) do known:insert(identifier) end
  known:sort()
  return table.concat(known, ", ")
end

--- One reference as a link that says what it is to.
local function link_of(citation)
  local target = citation.id:sub(1, 1):lower() .. citation.id:sub(2)
  local label = labels[target]
  if not label then
    refuse("refers to @" .. citation.id .. ", which does not exist", known_labels())
  end
  if citation.mode == "SuppressAuthor" then label = label:match "\u{a0}(.*)" end
  local inlines = pandoc.Inlines(citation.prefix)
  if #inlines > 0 then inlines:insert(pandoc.Space()) end
  inlines:insert(pandoc.Link(label, "#" .. target, "", pandoc.Attr("", { "reference" })))
  inlines:extend(citation.suffix)
  return inlines
end

local function links_of(cite)
  local inlines = pandoc.Inlines {}
  for index, citation in ipairs(cite.citations) do
    if not kind_of(citation.id) then return nil end
    if index > 1 then inlines:extend { pandoc.Str ",", pandoc.Space() } end
    inlines:extend(link_of(citation))
  end
  return inlines
end

-- Boxes, columns, pages

local function described(image)
  local alt = image.attributes["fig-alt"]
  if not alt then return nil end
  image.attributes["fig-alt"] = nil
  image.caption = boxes.words(alt)
  return image
end

--- A callout's title: a heading that begins it, else its attribute, else what kind it is.
local function callout_of(div)
  local kind = boxes.callout_kind(div.classes)
  local content, title = div.content, boxes.words(div.attributes.title)
  if content[1] and content[1].t == "Header" then title = content:remove(1).content end
  return boxes.callout(kind, title, content)
end

local function arranged(div)
  if div.classes:includes "pagebreak" then
    return boxes.page_break()
  elseif div.classes:includes "panel-tabset" then
    return div.content -- headed sections, which print and are read aloud in their order
  elseif boxes.callout_kind(div.classes) then
    return callout_of(div)
  elseif div.attributes["layout-ncol"] then
    return boxes.columns(div)
  end
end

local function without_options(meta)
  for key in pairs(meta) do
    if not METADATA:includes(key) then meta[key] = nil end
  end
  return meta
end

return {
  {
    Div = contents_where_visible,
    Span = contents_where_visible,
    CodeBlock = code_where_visible,
    Meta = without_options,
  },
  { Div = float_of },
  { traverse = "topdown", Figure = numbered, Table = numbered },
  { Cite = links_of },
  { Image = described, Div = arranged },
}
