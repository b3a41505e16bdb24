"""Electronics and books for the demo marketplace. Every title and author here is invented."""

SHELVES: dict[str, str] = {
    "phone-accessories": """
USB-C Charging Cable | each | 9.99 | 140
  Two metres of braided cord for up to 100 W, with a strap to tie up the rest.
Wall Charger, Two Ports | each | 24.99 | 80
  65 W shared between a laptop and a phone, with folding pins.
Slim Power Bank 10,000 mAh | each | 29.99 | 65
  Thinner than a paperback; charges most phones twice.
Clear Phone Case | each | 14.99 | 120
  Shock-absorbing corners and a raised rim. The kind that does not turn yellow.
Tempered Glass Protector | pack of 2 | 12.99 | 90
  Comes with a frame that lines it up, and a spare for when you sneeze.
Bike Handlebar Phone Mount | each | 19.99 | 45
  Turns a quarter to lock and holds on cobbles. One hand is enough.
Magnetic Desk Stand | each | 34.99 | 40
  Weighted aluminium that keeps a phone at reading height while it charges.
""",
    "computer-accessories": """
Quiet Wireless Mouse | each | 19.99 | 85
  Clicks that colleagues cannot hear, and a battery for eighteen months.
Compact Mechanical Keyboard | each | 79.99 | 35
  Seventy-five per cent size with swappable switches and a proper row of function keys.
Seven-in-One USB-C Hub | each | 39.99 | 60
  Screen, network, card reader and three ports from one short lead.
Laptop Sleeve, 14 Inch | each | 24.99 | 50
  Wool felt outside, soft lining inside, with a pocket for the charger.
Full HD Webcam with Shutter | each | 44.99 | 45
  A sliding cover for privacy, and two microphones that favour your voice.
Portable SSD, 1 TB | each | 89.99 | 55
  Copies a film in the time it takes to name it. Survives a fall from the desk.
Desk Pad in Recycled Leather | each | 27.99 | 30
  Keeps cups from sliding and mice gliding; rolls up for the weekend.
""",
    "audio": """
Over-Ear Noise-Cancelling Headphones | each | 149.99 | 40
  Thirty hours on a charge, and a button that lets the announcement in.
In-Ear Wireless Buds | pair | 59.99 | 75
  Four sizes of tip, a case like a pebble, and no cord to catch.
Wired Earphones, USB-C | pair | 17.99 | 90
  No battery to run down. They start when they are plugged in.
Bluetooth Shower Speaker | each | 34.99 | 50
  Hangs from a hook, shrugs off water, plays for a dozen showers.
Bookshelf Speakers | pair | 219.00 | 15
  Walnut cabinets with an amplifier in the left one. Only a turntable is missing.
Belt-Drive Turntable | each | 189.00 | 12
  Two speeds, a cast platter and a built-in phono stage, so that it plugs into anything.
DAB Kitchen Radio | each | 69.99 | 30
  Large knobs for floury hands, an egg timer, and eight stations by heart.
""",
    "fiction": """
The Lighthouse Ledger, by Ines Calloway | each | 12.99 | 40
  A bookkeeper on a northern island finds that the ships in her books never sailed.
Salt Road North, by Tomas Eklund | each | 14.50 | 35
  Two brothers, one mule and a debt carried over the mountains in a hard winter.
A Minor Key for Autumn, by Priya Ramanathan | each | 11.99 | 45
  The piano tuner hears what families do not tell one another. A quiet, funny first novel.
The Clockmaker's Third Daughter, by Odile Vance | each | 13.99 | 30
  Strasbourg, 1789: everybody wants the time, and only Margot knows how late it is.
Nine Stops to Harbour Street, by Joe Adeyemi | each | 10.99 | 50
  One tram line, one night, nine passengers whose stories cross and uncross.
The Cartographer's Silence, by Lena Hoffmann | each | 15.99 | 25
  A detective story without a murder: someone is erasing villages from the maps.
Low Tide at Merrow, by Fergus Quill | each | 9.99 | 55
  The first case of Inspector Bell, who is afraid of the sea and stationed beside it.
""",
    "cookery-books": """
One Pot, Four Seasons, by Hana Brandt | each | 24.99 | 30
  Eighty suppers that dirty a single pan, ordered by what the market has.
The Patient Baker, by Luc Amiel | each | 29.99 | 22
  Sourdough explained by a man who failed at it for ten years first.
Beans Every Way, by Rosa Delgado | each | 18.99 | 35
  From soaking to supper, with a chapter on what to do with the liquid.
Fire and Lemon, by Yannis Petrakis | each | 26.50 | 20
  Grilling as it is done on small islands: few things, very hot, served at once.
Spice by Spice, by Meera Kulkarni | each | 27.99 | 28
  Learn twenty spices one at a time, and cook a hundred dishes on the way.
Lunch for Under Three, by Carla Weston | each | 16.99 | 40
  Packed lunches at a known price, shopping lists and leftovers included.
The Jam Calendar, by Edith Marlow | each | 19.99 | 26
  What to boil in which month, how to know that it is set, and why it sometimes is not.
""",
    "childrens-books": """
The Goat Who Ate Tuesday, by Pip Larkin | each | 8.99 | 60
  On Wednesday morning nobody can find it. A picture book for ages three to six.
Captain Mo and the Upside-Down Island, by Ama Boateng | each | 7.99 | 55
  Short chapters, big maps and a parrot who cannot lie. For first readers.
Counting Snails, by Beatrix Lund | each | 6.99 | 70
  A sturdy board book that goes slowly from one to ten and back.
The Secret of Platform Zero, by Dev Malhotra | each | 9.50 | 45
  Three cousins, a locked waiting room and a train that is eighty years late. Ages nine and up.
Why Is the Moon Following Us?, by Sara Olin | each | 13.99 | 38
  Forty questions asked by real children in the back seat, answered by an astronomer.
My First Garden Diary, by Wren Holloway | each | 10.99 | 42
  Room to draw, to press leaves and to write down what the slugs ate.
Goodnight, Excavator, by Max Tilley | each | 8.49 | 50
  One by one the machines on the building site are tucked in. For bedtime, again and again.
""",
}
