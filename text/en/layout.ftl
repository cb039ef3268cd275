### The layout of outlets

menu-layout = Layout of outlets
layout-title = Can I open here?
layout-lead = Take a point on the map, enter longitude and latitude, or choose an outlet of the register; the place is held against every layout rule.
layout-errors = Please correct this first
layout-ask = Place and conditions
layout-about = Asked about: { $what }.
layout-about-clear = Ask about another place
layout-answer = Check every rule
layout-clear = Clear
layout-search = Search
layout-register = Choose from the register
layout-nothing-found = The register holds no such outlet with a place on the map.
layout-more = Grid, kind of application, reliefs
layout-not-known = Not known
layout-no-group = None of these groups
layout-map = Map of the territory
layout-map-hint = Click to take a point; or move with the arrow keys, zoom with plus and minus, and press “Take the middle of the map”. Small dots are outlets, large dots and outlines are places that rules speak of, the ring is the place asked about. Without script, enter longitude and latitude.
layout-field-longitude = Longitude
layout-field-latitude = Latitude
layout-hint-longitude = WGS 84, in degrees, e.g. 120.911380
layout-hint-latitude = E.g. 30.850210
layout-field-division = Village or community
layout-field-area = Kind of area
layout-field-goods = Goods
layout-field-grid = Grid of supervision
layout-hint-grid = As the register writes it, e.g. 330421103-2
layout-field-purpose = Kind of application
layout-field-group = Group with a relief
layout-field-other-licence = The applicant has another licence in the city
layout-field-words = Licence number, shop name or address
layout-hint-words = Only outlets with a place on the map that you may read are listed.
layout-purpose-new = New licence
layout-purpose-renewal = Renewal at expiry
layout-purpose-move = Move because of “{ $rule }”
layout-condition = Is it so that { $condition }?
layout-refusal-degrees = Enter the coordinate in degrees, e.g. 120.911380.
layout-refusal-outside = This place lies outside the bureau's territory; longitude stands first, latitude second.

# The answer
layout-result = The answer
layout-place = Place
layout-missing = Still missing:
layout-figures = What it rests on:
layout-open-outlet = Open
layout-no-rule = No rule holds for this place and these goods.
layout-version = version { $version } of the rule
layout-verdict-allowed = Allowed
layout-verdict-forbidden = Forbidden
layout-verdict-undetermined = Undetermined
layout-verdict-not-concerned = Not concerned
layout-verdict-example = By the example: { $verdict }
layout-answer-allowed = No rule in force objects to an outlet here.
layout-answer-forbidden = A rule in force forbids an outlet here, see below.
layout-answer-undetermined = The data do not suffice for an answer; ask the counter. What is missing stands beside each rule.
layout-answer-not-concerned = No rule in force speaks of this place.
layout-answer-not-whole = The bureau's layout rules are not all recorded, so nothing here means that an outlet is allowed; ask the counter. What is missing stands beside each rule.
layout-answer-examples = By the examples alone: { $verdict }.
layout-example-title = Example, not in force
layout-example-mark = Example, not in force
layout-example-text = Rules with this mark are made up for the demonstration. They have no legal force, and no refusal may rest on them.

# Figures
layout-figure-computed = { $metres } m in a straight line to { $to } (computed from coordinates)
layout-figure-measured = { $metres } m to { $to } (measured on the spot)
layout-figure-limit = {", "}the rule says { $limit } m
layout-figure-relief = Relief ({ $group }): the spacing shrinks by { $percent }% to { $metres } m
layout-figure-no-relief = No relief: the condition “{ $condition }” is not met
layout-figure-capacity = { $zone }{ $size }: room for { $places }, taken { $taken }, accepted earlier { $waiting }
layout-figure-inside = Lies inside { $zone }
layout-figure-kept = Licensed before the rule came into force: renewed in spite of it
layout-figure-free-to-move = Moves because of “{ $rule }”: free of this rule
layout-size-stalls = {" "}({ $count } stalls)
layout-size-inhabitants = {" "}({ $count } inhabitants)
layout-unit-stalls = number of stalls
layout-unit-inhabitants = number of inhabitants
layout-neighbour-outlet = “{ $name }” ({ $number })
layout-neighbour-elsewhere = an outlet outside your territory
layout-neighbour-entrance = { $name }, entrance { $entrance }
layout-neighbour-example = { $name } (example)

# What is missing
layout-missing-distance = The rule names no distance; the local layout rules have to
layout-missing-division = The village or community: all that is known is { $known }
layout-missing-area = The kind of area: urban, town or village
layout-missing-condition = Whether it is so on the spot that { $condition }
layout-missing-list = A complete list for the whole county: { $kinds }
layout-missing-entrances = The coordinates of every entrance of { $name }
layout-missing-boundary = The boundary of { $name }
layout-missing-beyond = The neighbour's list of schools: only { $metres } m are surely inside our territory
layout-missing-way = The way on foot to { $to }, measured on the spot by two officers
layout-missing-measurement = A measurement on the spot to { $to }: { $metres } m by coordinates is too near to the { $limit } m of the rule
layout-missing-contradiction = A new measurement or a corrected coordinate: { $measured } m were measured to { $to }, but the coordinates say { $computed } m
layout-missing-evidence = The measurement to { $to } lacks: { $lacks }
layout-missing-positions = The coordinates of { $count } outlets
layout-missing-goods = What { $to } sells
layout-missing-relief = Whether the applicant fulfils the condition of the relief: { $condition }
layout-missing-zone = The { $kind } in which the place lies
layout-missing-size = The { $unit } of { $zone }
layout-missing-members = Whether { $count } outlets or applications belong to { $zone }
layout-missing-earlier = { $zone }: { $count } applications accepted earlier are not decided
layout-missing-existing = The rule does not say what becomes at expiry of licences older than itself
layout-evidence-officers = two different officers
layout-evidence-route = the route
layout-evidence-tool = the tool
layout-evidence-photo = a photograph
layout-relief-runs-it-himself = The applicant runs the shop himself
layout-relief-one-licence-per-city = He has no other licence in the city

# Source and effect
layout-source-read = Source: { $source }
layout-source-second-hand = Source (second hand, read the text before you decide): { $source }
layout-no-source = No source
layout-no-ground-unknown = There is no such rule: no refusal may rest on it.
layout-no-ground-example = Example, not in force: no refusal may rest on it.
layout-no-ground-not-in-force = Not in force on the day: no refusal may rest on it.
layout-no-ground-no-source = Without source or article: no refusal may rest on it.
layout-no-ground-not-read = Not yet read in the original: no refusal may rest on it.
layout-no-ground-no-distance = It names no distance: no refusal may rest on this answer alone.

# On other pages
layout-link = Check the layout rules
layout-licence-map = Where the outlet is
layout-licence-map-hint = The ring is this outlet, small dots are other outlets within a kilometre, large dots and outlines are places that rules speak of.
