--- Slides that hold what they can: one message each, a chart or a few lines, nothing that runs off.

--- Letters of two lines of a title; letters of a line of text, and lines of a slide.
local LONGEST_TITLE, LINE, LINES = 150, 85, 12

--- Letters that fit beside a chart; columns of a table that leaves room for words beside it.
local ASIDE, BESIDE = 420, 5

--- Of a table that fits a slide; longer ones stand in the other formats alone.
local ROWS, COLUMNS, CELL = 9, 8, 48

local TEXTS = pandoc.List {
  "Para", "Plain", "BlockQuote", "LineBlock", "CodeBlock", "BulletList", "OrderedList",
}

local boxes

local function letters(content)
  return pandoc.text.len(pandoc.utils.stringify(content))
end

-- What is measured

local function body_rows(content)
  local rows = pandoc.List {}
  for _, body in ipairs(content.bodies) do rows:extend(body.body) end
  return rows
end

local function longest_cell(rows)
  local longest = 0
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do longest = math.max(longest, letters(cell.contents)) end
  end
  return longest
end

local function fits(content)
  local rows = body_rows(content)
  return #rows <= ROWS and #content.colspecs <= COLUMNS and longest_cell(rows) <= CELL
end

local function is_aside(blocks)
  local count = letters(blocks)
  return 0 < count and count <= ASIDE
end

--- A list's entries one by one, so that a long list goes on from slide to slide.
local function pieces_of(block)
  if block.t ~= "BulletList" or letters(block) <= LINE * 4 then return { block } end
  return block.content:map(function(entry) return pandoc.BulletList { entry } end)
end

--- Text in portions that fit a slide each.
local function portions_of(blocks)
  local portions, portion, used = pandoc.List {}, pandoc.Blocks {}, 0
  for _, block in ipairs(blocks) do
    for _, piece in ipairs(pieces_of(block)) do
      local need = 0.35 + math.ceil(letters(piece) / LINE)
      if #portion > 0 and used + need > LINES then
        portions:insert(portion)
        portion, used = pandoc.Blocks {}, 0
      end
      portion:insert(piece)
      used = used + need
    end
  end
  if #portion > 0 then portions:insert(portion) end
  return portions
end

--- A caption's finding and the rest: the finding is what is bold, without its number.
local function finding_of(caption)
  local _, index = caption:find_if(function(inline) return inline.t == "Strong" end)
  if not index then return pandoc.Inlines {}, caption end
  local rest = pandoc.Inlines {}
  for at = index + 1, #caption do
    local is_space = caption[at].t == "Space" or caption[at].t == "SoftBreak"
    if #rest > 0 or not is_space then rest:insert(caption[at]) end
  end
  return caption[index].content, rest
end

-- Slides as they are made

--- `title` is what the next slide is called; `waiting` and `notes` are what waits for it.
local Deck = {}
Deck.__index = Deck

function Deck.new()
  return setmetatable({
    result = pandoc.Blocks {}, title = pandoc.Inlines {}, waiting = pandoc.Blocks {}, notes = pandoc.Blocks {},
  }, Deck)
end

--- A slide, with the notes that wait for it.
function Deck:add(title, blocks)
  self.result:insert(pandoc.Header(2, title))
  self.result:extend(blocks)
  self.result:extend(self.notes)
  self.notes = pandoc.Blocks {}
end

--- The text that waits, as one slide or several.
function Deck:flush()
  for _, portion in ipairs(portions_of(self.waiting)) do self:add(self.title, portion) end
  self.waiting = pandoc.Blocks {}
end

function Deck:take_waiting()
  local waiting = self.waiting
  self.waiting = pandoc.Blocks {}
  return waiting
end

--- A slide of a picture: its finding as the title, what is measured beside it.
function Deck:picture(image, caption)
  local finding, measure = finding_of(caption)
  local aside = pandoc.Blocks {}
  if #measure > 0 then aside:insert(pandoc.Para(measure)) end
  if #caption == 0 and is_aside(self.waiting) then aside = self:take_waiting() end
  self:flush()
  if letters(finding) > LONGEST_TITLE then
    aside:insert(1, pandoc.Para(finding))
    finding = pandoc.Inlines {}
  end
  if letters(aside) > ASIDE then
    self.waiting = aside
    aside = pandoc.Blocks {}
  end
  aside:insert(pandoc.Para { image })
  self:add(#finding > 0 and finding or self.title, aside)
  self:flush()
end

--- A table's caption, where it is short enough for a title.
local function title_of(content)
  local caption = pandoc.utils.blocks_to_inlines(content.caption.long, {})
  return #caption > 0 and letters(caption) <= LONGEST_TITLE and caption
end

--- A slide of a table, a few words that come before it beside it; none where it would run off.
function Deck:table(content)
  local blocks = pandoc.Blocks {}
  if fits(content) and is_aside(self.waiting) and #content.colspecs <= BESIDE then
    blocks = self:take_waiting()
  end
  self:flush()
  if not fits(content) then return end
  local title = title_of(content) or self.title
  content.caption = {}
  blocks:insert(content)
  self:add(title, blocks)
end

--- Speaker's notes go with the slide before them.
function Deck:note(block)
  if #self.waiting > 0 then self.notes:insert(block) else self.result:insert(block) end
end

function Deck:division(div)
  if div.classes:includes "notes" then
    self:note(div)
  elseif div.classes:includes "columns" then
    self:flush()
    self:add(self.title, { div })
  end
end

local function picture_in(block)
  local picture
  pandoc.Blocks({ block }):walk { Image = function(image) picture = picture or image end }
  return picture
end

local function is_picture(block)
  return block.t == "Para" and #block.content == 1 and block.content[1].t == "Image"
end

function Deck:figure(block)
  local picture = picture_in(block)
  if not picture then return end
  local caption = block.t == "Figure" and pandoc.utils.blocks_to_inlines(block.caption.long, {}) or {}
  self:picture(picture, pandoc.Inlines(caption))
end

--- Every heading gives the slides after it their title; what is none of these stands on no slide.
function Deck:take(block)
  if block.t == "Header" then
    self:flush()
    self.title = block.content
  elseif block.t == "Figure" or is_picture(block) then
    self:figure(block)
  elseif block.t == "Table" then
    self:table(block)
  elseif block.t == "HorizontalRule" then
    self:flush()
  elseif block.t == "Div" then
    self:division(block)
  elseif TEXTS:includes(block.t) then
    self.waiting:insert(block)
  end
end

-- Elements

--- What a picture shows would be printed under it: it is kept as the picture's title.
local function image(picture)
  picture.title = boxes.alternative(picture)
  picture.caption = {}
  picture.attributes["fig-alt"], picture.attributes.alt = nil, nil
  return picture
end

--- Divisions but those of columns and of speaker's notes are only what they hold.
local function division(div)
  local classes = div.classes
  if classes:includes "notes" or classes:includes "columns" or classes:includes "column" then return nil end
  return div.content
end

return function(blocks, shared)
  boxes = shared
  local deck = Deck.new()
  for _, block in ipairs(blocks:walk { Image = image, Div = division }) do deck:take(block) end
  deck:flush()
  return deck.result
end
