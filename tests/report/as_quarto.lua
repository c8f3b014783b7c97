--- Runs conjoint.lua as Quarto does at post-quarto, where there is no Quarto.
--
-- Quarto hands a filter its figures and callouts as tables of what it knows of them, among it their numbers.
-- Here divisions say so themselves: `custom` is what Quarto would make of one, `order` and `kind` what it knows.

local FOLDER = os.getenv "CONJOINT_EXTENSION"

local function as_inlines(content)
  return pandoc.utils.blocks_to_inlines(pandoc.utils.type(content) == "Block" and { content } or content)
end

quarto = {
  utils = {
    resolve_path = function(name) return pandoc.path.join { FOLDER, name } end,
    as_inlines = as_inlines,
  },
}

local custom, whole = table.unpack(dofile(pandoc.path.join { FOLDER, "conjoint.lua" }))

--- Quarto gives one block as it stands, several as a list, none as nil.
local function place_of(div, number)
  local place = div.content[number]
  if not place or #place.content == 0 then return nil end
  return #place.content == 1 and place.content[1] or place.content
end

local MADE = {
  FloatRefTarget = function(div)
    local number = tonumber(div.attributes.order)
    return {
      identifier = div.identifier,
      classes = div.classes,
      attributes = {},
      type = div.attributes.kind,
      order = number and { order = number },
      content = place_of(div, 1),
      caption_long = place_of(div, 2),
    }
  end,
  Tabset = function(div)
    local tab = { title = place_of(div, 1), content = place_of(div, 2) }
    return { level = 3, tabs = { tab } }
  end,
  Callout = function(div)
    return { type = div.attributes.kind, title = place_of(div, 1), content = place_of(div, 2) }
  end,
}

local function handed(div)
  local name = div.attributes.custom
  if custom[name] then return custom[name](MADE[name](div)) end
end

return { { Div = handed }, whole }
