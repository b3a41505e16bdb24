"""Toys, games, sports and odds and ends for the demo marketplace."""

SHELVES: dict[str, str] = {
    "board-games": """
Harbour Masters | each | 39.99 | 25
  Two to four players crowd ships into one small port. An hour, little luck, some shouting.
Three Cats and a Fish | each | 14.99 | 45
  A bluffing card game learned in two minutes, for six round a holiday table.
The Long Caravan | each | 49.99 | 18
  Trade along a route that grows differently each time. For those who like to plan ahead.
Word Orchard | each | 24.99 | 30
  Pick letters, graft them on to your neighbour's words, and be pruned in turn.
Chess Set in Walnut and Maple | each | 59.00 | 16
  Weighted pieces with felt feet, on a folding board that holds them all.
Classic Dominoes | each | 12.99 | 40
  Double-six tiles in a tin that fits a coat pocket.
Night Train Mystery | each | 29.99 | 28
  A case to be solved together from tickets, letters and a torn timetable. Played once, then passed on.
Jigsaw, 1000 Pieces: Market Day | each | 17.99 | 35
  A square full of stalls, and not much sky. Finished size 68 by 48 centimetres.
""",
    "toys": """
Wooden Building Blocks | set of 60 | 34.99 | 40
  Smooth beech in nine shapes, the toy that outlasts all others.
Marble Run, Starter | set of 45 | 29.99 | 30
  Rails, curves and a bell at the end. It teaches patience and gravity.
Plush Otter | each | 16.99 | 55
  Floats on its back on any sofa. Washable at thirty degrees, stuffing and all.
Wind-Up Tin Robot | each | 13.99 | 35
  Walks until it meets a wall, then argues with it.
Watercolour Set, 24 Pans | each | 18.99 | 45
  Real pigments and a brush with a point, for ages five and up.
Magnetic Tiles | set of 32 | 42.99 | 26
  Clear coloured squares and triangles that click into castles.
Skipping Rope with Counter | each | 9.99 | 60
  Cotton cord, wooden handles, and a number to beat tomorrow.
Pull-Along Snail | each | 19.99 | 32
  Nods as it rolls and never overtakes its owner.
""",
    "cycling": """
Commuter Bike Helmet | each | 54.99 | 35
  A dial at the back, a rear light built in, and room for a ponytail.
Rechargeable Bike Light Set | set of 2 | 32.99 | 50
  400 lumens in front and a daylight flash behind, for a week of commutes on one charge.
U-Lock with Bracket | each | 44.99 | 30
  Hardened steel of fourteen millimetres and three keys, one of them with a lamp.
Puncture-Proof Tyre, 700 x 35 | each | 36.99 | 40
  Five millimetres of rubber belt under the tread, reflective stripe on the wall.
Floor Pump with Gauge | each | 27.99 | 38
  Fits both valves without an adapter. The dial is large enough to read standing up.
Waterproof Pannier, 20 l | each | 49.99 | 24
  Rolls shut like a dry bag and clicks on to any rack.
Multi-Tool, 15 Functions | each | 19.99 | 45
  All the hex keys you will need, a chain breaker, and a bottle opener for afterwards.
""",
    "camping": """
Two-Person Tent | each | 129.00 | 15
  Up in six minutes by one person, and 2.3 kilograms on the back.
Three-Season Sleeping Bag | each | 79.99 | 22
  Comfortable down to two degrees; the zip runs on either side.
Self-Inflating Mat | each | 44.99 | 30
  Five centimetres between you and the roots.
Gas Camping Stove | each | 29.99 | 34
  Boils half a litre in three minutes and folds to the size of a fist.
Enamel Mug | each | 8.99 | 80
  White with a blue rim. Chips add character.
Head Torch, Rechargeable | each | 24.99 | 48
  Red light for the map, white for the path, forty hours on low.
Folding Water Carrier, 10 l | each | 12.99 | 36
  Flat until it is full, with a tap that does not drip on the stove.
""",
    "gifts-and-cards": """
Birthday Cards, Pressed Flowers | pack of 6 | 9.99 | 55
  Six designs with matching envelopes, blank inside.
Thank-You Notes | pack of 10 | 8.49 | 60
  Letterpress on cotton paper, which makes three lines feel like a letter.
Kraft Gift Wrap | 10 m | 6.99 | 70
  Strong brown paper, plain on one side and dotted on the other.
Satin Ribbon, Forest Green | 25 m | 4.99 | 65
  Two and a half centimetres wide; it curls when you draw a blade along it.
Soy Candle, Fig and Cedar | 220 g | 19.99 | 40
  Burns for forty-five hours with a cotton wick. Afterwards the glass holds pencils.
Cheese Board Gift Box | each | 39.99 | 20
  An oak board, two knives and a jar of chutney. Only the cheese is left to you.
Digital Gift Voucher | each | 25.00 | 500
  Sent by e-mail with your words on it, good for three years in any department.
""",
    "everything-else": """
Folding Step Stool | each | 22.99 | 30
  Reaches the top shelf, bears 150 kilos, and hides behind the fridge.
Rechargeable AA Batteries | pack of 4 | 14.99 | 85
  Arrive charged and keep most of it for a year in a drawer.
Canvas Tote Bag | each | 7.99 | 120
  Long handles, flat base, and enough stitching for a watermelon.
LED Bulb, Warm White, E27 | pack of 2 | 8.99 | 95
  Eight watts that look like sixty, for some fifteen years of evenings.
Universal Sink Plug | each | 3.49 | 70
  One rubber disc for every holiday flat you will ever rent.
Umbrella, Windproof | each | 26.99 | 45
  Nine ribs that turn inside out and back again without complaint.
Sewing Kit in a Tin | each | 9.99 | 50
  Threads, needles, buttons and a tape measure for the day a hem gives up.
Travel Adapter, Four Plugs | each | 21.99 | 42
  Works in some hundred and fifty countries, with two USB ports on the side.
""",
}
