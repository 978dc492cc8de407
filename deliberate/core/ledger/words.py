"""The words of a receipt: 2,048 plain words of four to seven letters, 11 bits each.

No two share their first four letters.

The order is that of the alphabet and part of the format: a word taken out or put in would change every receipt.
"""

from __future__ import annotations

WORDS: tuple[str, ...] = tuple(
    """
able about above accent account acorn across action actor adapt adept adjust admire adopt advance adverb advice
aerial affair affirm afford afloat afoot after again agenda agile agree ahead aided aisle ajar alarm album alcove
alder alert algebra alike alive alley allow almond aloe aloft alone aloud alpine also alter always amateur amaze
amber amend ample amuse anchor ancient angle animal ankle annex annual answer antique anvil anyone apart apple apron
arbor arcade arch arctic area arena argue arise armor aroma around array arrow artist ascend ashore aside asking
aspect assist assume athlete atlas atom attach attend attic auburn audio author autumn avenue average avocado avoid
awake award awning axis axle azure baby back bacon badge bagel baker balance balcony ballad bamboo banana band banjo
barn basil basket batch bath battery bazaar beach bead beak beam bear beauty beaver become bedroom beetle before
begin behave beige belfry bell belong bench bend benefit berry beside better between beyond bicycle bike bill binder
birch bird birth biscuit bison blade blank blazer blend blimp blink block bloom blossom blouse blue bluff blur board
boat bobbin body boil bolster bond bonfire bonnet bonus book boot border borrow both bottle bought boulder bounce
bouquet bowl boxer brace branch brave bread breeze brick bridge brisk broad bronze brook brown brush bubble bucket
budget buffalo bugle build bulb bumper bundle bungee bunny burger bushel busy butter buyer buzz cabbage cabin cable
cactus cadet cafe cage cake calcium call calm camel camp canal candle canoe canteen canvas canyon capable captain
caramel carbon card carol carpet carrot cart carve cascade castle casual catalog cater cattle cause cavern cedar
ceiling celery cell cement census center ceramic cereal certain chain chalk champ chant chapter charm chase chatter
check cheese chef cherry chess chew chicken chief child chime chin chip chisel choice chorus chosen chrome chunk
churn cider cinema circle citizen city civic claim clam class clause clay clean clerk clever click client cliff
climb cling clip cloak clock cloth cloud clove club clue cluster coach coal coast cobble cobweb cocoa code coffee
coil coin cold collar color column comb comedy comfort comic common compass concert condor cone convoy cook cool
copper copy coral cord cork corn cosmic cost couch cousin cover coyote cozy cradle craft crane crater crayon cream
credit crest crew crisp crop cross crowd cruise crumb crust cube cuckoo cuff cure curl curry curve custom cute cycle
cymbal dahlia dairy daisy damp dance dapper dare dark dash data date dawn daylong dazzle dean debate debris decade
decent decide decor deep deer defend define delay delight delta demand denim denote dense dental depart depth derive
desert desk dessert detail develop device dewdrop diagram dial diamond diary diet digit dignity dimple diner dinner
diploma dish disk display distant diver dizzy dock doctor dodge dolphin dome domino donate donkey door dorm double
dough dove down dozen draft dragon drama draw dream dress drift drill drink drive drizzle drop drum dryer duck duet
dune dusk dust duty dwell dynamic each eager eagle early earn earring earth easel east easy echo eclipse ecology
economy edge edible educate effect effort elastic elbow elder elect elegant element eleven embark ember emblem
embrace emerald emit emotion employ empty enable encore energy engine engrave enjoy enlarge enlist enrich ensign
entire entry envoy epic episode epoch equal equip erupt escape essay estate etching euro evening every evolve
excerpt excite exhibit exotic explore export express extend eyebrow eyelash fabric face fact fade faint fair faith
falcon fall family famous fancy farm fashion fast favor feast feather fellow fence fennel fern ferry fetch fiber
fiddle fidget field fiesta fifteen figure file fillet film filter final finch find finger finish fire firm first
fish fitness five fixture fjord flag flake flame flannel flash flavor fleet flex flicker flight flint float flock
flood floral flotsam flow fluent fluid flurry flute foal foam focus foggy foil folder foliage folk follow fond food
foot forage force forest forge fork formal forum fossil foster found four foyer fragile frame freckle free fresh
friend frigate fringe frog front frost fruit fuel full funnel furnish furrow fuse future fuzzy gable gadget gain
galaxy gale gallery game garage garden garlic garnet gate gather gauge gave gazebo gear gecko general genius gentle
genuine geology gesture geyser giant gift giggle ginger giraffe give glacier glad glance glass glaze gleam glee
glide glimmer glitter globe gloss glove glow glue gnome goal goat goblet gold golf gondola good goose gopher gossip
gourd govern gown grace grade graft grain grand grape grass gravel great green grid grill grin grip grocer groom
group grove grow guava guess guide guild guitar gulf gull gust gutter gymnast habit hail hall halo hamlet hammer
hamster hand hanger happy harbor hardy harmony harness harp harvest hatch haul haven hazel head health heart heath
heavy hedge height helium hello helmet help herald herb herd hermit heron hexagon hiccup hickory hidden hike hill
hinge hint hippo history hive hobby hockey hoist hold holiday hollow home honest honor hood hook hope hopper horizon
horn horse host hotel hour house hover huddle human humble humid humor hundred hunger hurdle hurry hybrid hydrant
hymn iceberg icecap icicle icing icon idea image import impress inch include income index indigo indoor inform
initial inkwell inland inlet inner input insect inside install intend intro invent inward iodine iris iron island
islet issue item ivory jacket jade jaguar jasmine jazz jeans jelly jersey jetty jewel jigsaw jingle jockey jogging
join joke jolly jolt journal jovial juggle juice jumbo jump jungle junior just kale karate kayak kebab keen keep
kelp kennel kernel kettle keyhole kidding kilt kind kingdom kiosk kitchen kite kitten knack knee knife knit knob
knock koala label labor lace ladder ladle lagoon lake lamb lamp land lane lantern lapwing larch large lark laser
lasso last latch late lattice laugh launch laurel lava lavish lawn layer leaf league lean leap learn lease leather
lecture ledge leek left legend lemon lemur length lens lentil leopard lesson letter level library lichen lift light
lilac lily lime limit linden linen lion liquid list liter little live lizard load lobby lobe lobster local locket
lodge loft logbook logic long look loop loose lorry lotion lotus loud lounge love loyal lucid lucky luggage lullaby
lumber lunar lunch lupine luster lute luxury lynx lyre lyric machine macro magic magnet magpie maize major make
mallet mammal mango manner mantle maple marble march margin marina market maroon marsh marvel mascot mask mason
master match maths matter mauve maximum maybe mayor maze meadow meal meander measure medal medium medley mellow
melody member memory mend mention menu mercury merge merit merry mesh message metal meteor method metro middle might
mild mile milk mill mimic mind mineral mingle mint minute miracle mirror mist mitten mixer mobile model modify
modular moist molar mole moment monarch money monitor monkey monsoon month mood moose moral morning mosaic moss moth
motor mound mouse mouth move movie much muffin mule mumble mural muscle museum music muslin mustard mutual muzzle
mystery myth nail name napkin narrate narwhal nation nature navy near neat nebula nectar need neon nerve nest nettle
network neutral never news newt next nibble nickel night nimble nine noble noise nomad noodle noon normal north nose
notable notch note notice nougat novel novice nozzle nuance nudge nugget number nurse nutmeg nylon oasis oath
oatmeal object oblong oboe observe obtain obvious ocean octave octopus office often okay olive omega omelet omit
once onion only onset onward onyx opal open opera opinion oppose optic orange orbit orca orchard order organ orient
origin ornate osier osprey other otter ounce outdoor outer outfit outlet oval oven over owner oxide oxygen oyster
ozone pace pack paddle page pagoda paint palace palm pamper panda panel panther papaya paper parade parcel pardon
parent park parlor parrot parsley partner pasta patch path patient patrol pattern pause pave peach peak peanut pear
pebble pecan pedal pelican pencil penguin pennant people pepper perch perfect permit person petal petunia phase
phone photo phrase physics piano pick picnic picture pier pigeon pigment pillow pilot pinch pine pink pint pioneer
pipe pitch pivot pixel pizza place plaid planet plaster plate play plaza pledge plenty plot plow plum plunge plush
plywood pocket poem poetry point polar polish polka pollen polo poncho pond pony pool poplar poppy popular porch
port postal potato pottery pouch pound powder power prairie prance predict prefer present pretty price pride prime
print prism private prize process produce profit program promise proof proper protect proud provide prow prune
public pudding puffin pulley pulse puma pumpkin punch pupil puppet purple purr purse push puzzle pyramid quaint
quality quarter query quest quick quiet quill quince quiver quiz quota raccoon race rack radar radio raft rail rain
raise rally ramble ramp ranch random range rapid rasp rather rattle raven ravine razor reach ready real reason
rebate recall recipe reclaim record reduce reed reef refer refine reflect refresh refuge regal region regret regular
reject relax relief rely remain remedy remind remote render renew rent repair repeat reply report rescue resist
resort result retail retire return reveal review reward rhino rhubarb rhyme rhythm ribbon rice rich riddle ride
ridge rigid ring rinse ripple rise ritual rival river road roam roast robe robin robot robust rocket rodeo roll
romance roof room rope rose rotate rotor rough round rover royal rubber ruby rudder rugby rule rumble rumor runner
runway rural rustic sable saddle safari safe saga sage sail salad salmon salon salsa salt salute same sample sand
satin saturn sauce sauna save savor scale scan scarf scent school scoop scope score scout scrap screen script scroll
sculpt seal search season seat second secret sedan seed seek select self send senior sense sequel serene series
settle seven shade shake shape share shawl sheep shelf shield shift shine ship shirt shoe shore should shovel show
shrimp shrub sickle side sierra sieve signal silk silver simple since sing siren size skate skein sketch skill skin
skip skirt slate sledge sleep slice slide slim slogan slope small smile snack snail snap snow snug soap sock soda
sofa soft soil solar solid solo solve song soon sort sound soup south space spare speak spell spend spike split
spoke spoon sport spray squid stack staff stage stamp stand star state stay stem step stew stir stock stone stop
store stove straw style suede sugar suit sunny surf sushi swamp swan sweep swift swim swing syrup table tactic
tadpole tailor take talent talk tall tandem tank tape target tariff tartan task tassel taste tavern taxi teach team
teapot teeth telecom tell temper tenant tender tennis tenor tent tepid term terrace test text thank thatch thaw
theater theme theory thermal thick thimble thing third thistle thorn thought thread thrive thrush thumb thunder
ticket tidy tiger tight tile till timber time timid tingle tinker tinsel tiny tiptoe tissue titan title toast today
toddler toggle token tomato tone tongue tonic tooth topaz topic topple torch toss total totem touch tough tour
toward towel town trace trade trail trapeze travel tray treat tree trek trellis trend trial tribe trim trinket trio
triple trivia trolley trophy trout truck true trumpet trunk trust truth tube tuft tugboat tulip tuna tundra tunic
tunnel turbine turkey turnip turret turtle tutor tuxedo tweed twelve twenty twice twig twin twirl twist type typhoon
typical ukulele umpire under undo unfold unicorn uniform union unique unison unit unlock until unusual update uphill
uphold upland upon upper upright upset upward urban urge useful usher usual utensil utility utopia vacuum valid
valley value valve vanilla vantage vapor variety varnish varsity vase vast vault vector vegan vellum velvet vendor
venture venue veranda verb verdict verify verse very vessel vest viable viaduct vibrant victory video view village
vine vintage violet visible visor vista vital vivid vocal voice volcano volley volume vortex vote voucher vowel
voyage wade wafer waffle wagon wake walk wallet walnut walrus waltz want warbler warm warrant wash watch water watt
wave wealth weather weave wedding weekend weigh welcome well west wetland wharf wheat wheel when whip whirl whisker
white wicker wide widget wild willow wind wine wing winner winter wire wisdom wise wish wisp with wizard wolf wonder
wood wool word work world worthy woven wrap wreath wren wrinkle wrist yacht yard yarn year yeast yellow yeoman yield
yodel yoga yogurt yolk yonder young youth zeal zebra zenith zephyr zero zest zigzag zinc zipper zircon zodiac zone
zoom
""".split()
)
