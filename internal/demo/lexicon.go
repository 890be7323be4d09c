package demo

// tables has the words with structure. A row is one entity or lemma: its forms, one per column ("-" if it
// has none), and after "/" its companions. Rows stand under the heading of their group, "= name: words of
// the group". The first rows of a group are the most frequent.
var tables = []tableSource{
	{
		name: "nation", weight: 20, ties: 4,
		columns: "country capital demonym currency",
		rows: `
= west: atlantic cathedral vineyard monarchy chateau
france paris french franc / wine perfume
netherlands amsterdam dutch guilder / tulip dyke
germany berlin german mark / engine brewery
austria vienna austrian schilling / waltz opera
ireland dublin irish punt / whiskey clover
= south: olive peninsula marble lemon mediterranean
italy rome italian lira / pasta fresco
spain madrid spanish peseta / guitar flamenco
portugal lisbon portuguese escudo / cork sardine
greece athens greek drachma / temple philosophy
croatia zagreb croatian kuna / necktie islet
= north: fjord snow reindeer glacier birch
sweden stockholm swedish krona / furniture timber
denmark copenhagen danish krone / bacon windmill
finland helsinki finnish markka / sauna paper
latvia riga latvian lats / amber linen
= east: steppe collective dumpling tram rye
russia moscow russian ruble / caviar ballet
poland warsaw polish zloty / coal sausage
hungary budapest hungarian forint / paprika spa
ukraine kiev ukrainian hryvnia / wheat tractor
romania bucharest romanian leu / vampire accordion
bulgaria sofia bulgarian lev / rose yogurt
albania tirana albanian lek / bunker chestnut
= orient: monsoon rice pagoda bamboo silk
japan tokyo japanese yen / robot sushi
china beijing chinese yuan / porcelain dynasty
india delhi indian rupee / curry cricket
thailand bangkok thai baht / canal orchid
vietnam hanoi vietnamese dong / noodle lacquer
bangladesh dhaka bangladeshi taka / jute delta
mongolia ulaanbaatar mongolian tugrik / yurt archery
= desert: oasis caravan minaret bazaar dune
iran tehran iranian rial / carpet pistachio
israel jerusalem israeli shekel / kibbutz orange
iraq baghdad iraqi dinar / palm refinery
morocco rabat moroccan dirham / leather couscous
= africa: savanna drum drought colony cassava
nigeria abuja nigerian naira / oil film
kenya nairobi kenyan shilling / tea marathon
ghana accra ghanaian cedi / cocoa kente
angola luanda angolan kwanza / diamond kizomba
zambia lusaka zambian kwacha / emerald waterfall
= america: jungle pyramid carnival maize plantation
chile santiago chilean peso / copper poet
peru lima peruvian sol / potato terrace
venezuela caracas venezuelan bolivar / petroleum beauty
`},
	{
		name: "kin", weight: 14, ties: 4,
		columns: "male female",
		rows: `
= household: home kitchen family dinner marriage cradle
man woman / crowd newspaper
father mother / advice childhood
husband wife / ring quarrel
son daughter / homework inheritance
brother sister / bedroom rivalry
boy girl / bicycle playground
uncle aunt / postcard birthday
grandfather grandmother / rocking knitting
nephew niece / godparent toys
dad mum / lunchbox pram
stepson stepdaughter / custody adoption
widower widow / grave mourning
groom bride / altar bouquet
bachelor spinster / lodging solitude
= court: throne crown palace castle reign banquet
king queen / realm sceptre
prince princess / tower dragon
lord lady / manor servant
duke duchess / estate hunting
emperor empress / conquest province
baron baroness / tenant moat
count countess / masquerade duel
heir heiress / fortune will
= trade: stage tavern guests service costume tickets
actor actress / audition curtain
waiter waitress / menu tray
host hostess / invitation parlour
steward stewardess / cabin luggage
hero heroine / legend rescue
= faith: prayer vow monastery robe spell ritual
monk nun / cloister fasting
wizard witch / broom cauldron
priest priestess / incense oracle
abbot abbess / manuscript orchard
`},
	{
		name: "verb", weight: 27, ties: 4,
		columns: "base doing did does",
		rows: `
= motion: road distance direction hurry journey
walk walking walked walks / pavement promenade park
run running ran runs / race stadium lap
swim swimming swam swims / pool lake stroke
fly flying flew flies / sky wing airspace
jump jumping jumped jumps / fence rope hurdle
climb climbing climbed climbs / cliff ladder summit
ride riding rode rides / saddle pony trail
drive driving drove drives / car motorway lane
dance dancing danced dances / ballroom polka partner
= speech: voice audience listener phrase meeting
speak speaking spoke speaks / microphone dialect assembly
sing singing sang sings / choir hymn lullaby
shout shouting shouted shouts / slogan insult alarm
whisper whispering whispered whispers / secret rumour ear
tell telling told tells / tale truth lie
write writing wrote writes / letter novel diary
print printing printed prints / poster page banner
teach teaching taught teaches / lesson pupil grammar
= hand: hands craft workshop care finger
build building built builds / wall house bridge
paint painting painted paints / portrait ceiling canvas
throw throwing threw throws / ball stone spear
carry carrying carried carries / sack bucket burden
break breaking broke breaks / window vase promise
carve carving carved carves / totem turnip soap
sew sewing sewed sews / button shirt seam
dig digging dug digs / trench well tunnel
wash washing washed washes / laundry dishes floor
= table: plate spoon breakfast hunger supper
eat eating ate eats / bread soup meat
drink drinking drank drinks / beer juice water
cook cooking cooked cooks / stew oven recipe
bake baking baked bakes / cake pie flour
taste tasting tasted tastes / sauce vinegar syrup
= mind: mind memory belief doubt reason
know knowing knew knows / answer fact password
think thinking thought thinks / idea puzzle theory
forget forgetting forgot forgets / name umbrella appointment
choose choosing chose chooses / candidate dessert menu
learn learning learned learns / alphabet skill piano
dream dreaming dreamed dreams / nightmare pillow future
= trade: money customer market bargain cash
buy buying bought buys / ticket gift vegetables
sell selling sold sells / shares cattle antiques
pay paying paid pays / rent bill wages
steal stealing stole steals / jewel wallet bicycle
lend lending lent lends / loan book lawnmower
`},
	{
		name: "degree", weight: 20, ties: 4,
		columns: "plain more most",
		rows: `
= size: measure scale metre shape feet
big bigger biggest / elephant crowd mistake
small smaller smallest / village pebble atom
tall taller tallest / skyscraper poplar giraffe
short shorter shortest / sentence skirt holiday
long longer longest / river queue beard
wide wider widest / river valley avenue
deep deeper deepest / ocean mine sleep
high higher highest / mountain wage tower
thick thicker thickest / fog jungle sauce
thin thinner thinnest / wire slice paper
= weather: weather season thermometer wind degree
warm warmer warmest / blanket spring bath
cold colder coldest / winter frost iceberg
hot hotter hottest / desert furnace pepper
cool cooler coolest / cellar breeze shade
wet wetter wettest / towel autumn meadow
dry drier driest / hay bone riverbed
bright brighter brightest / lamp star diamond
dark darker darkest / cave night forest
= pace: clock speed signal minute rival
fast faster fastest / sprinter rocket train
slow slower slowest / snail cart elevator
quick quicker quickest / glance reply lunch
early earlier earliest / dawn warning harvest
late later latest / bus payment edition
= body: body muscle bone strength health
strong stronger strongest / wrestler glue magnet
weak weaker weakest / argument currency pulse
young younger youngest / child athlete bride
old older oldest / ruin oak veteran
fat fatter fattest / pig purse sausage
heavy heavier heaviest / anvil cargo trunk
light lighter lightest / feather balloon suitcase
= value: price quality opinion comparison judgement
cheap cheaper cheapest / hostel souvenir plastic
rich richer richest / merchant heiress soil
poor poorer poorest / peasant slum beggar
good better best / friend recipe deed
bad worse worst / luck habit smell
safe safer safest / harbour vault seatbelt
clean cleaner cleanest / sheet kitchen bathroom
simple simpler simplest / recipe formula sum
`},
	{
		name: "manner", weight: 14, ties: 4,
		columns: "quality manner opposite",
		rows: `
= feeling: feeling mood smile tears temper
happy happily unhappy / childhood ending couple
kind kindly unkind / neighbour gesture nurse
patient patiently impatient / angler teacher crowd
natural naturally unnatural / talent light silence
willing willingly unwilling / volunteer buyer witness
grateful gratefully ungrateful / survivor patient heir
pleasant pleasantly unpleasant / aroma climate surprise
= proof: proof report inquiry experiment figure
certain certainly uncertain / outcome date identity
likely probably unlikely / winner cause scenario
possible possibly impossible / solution escape dream
known knowingly unknown / author origin species
accurate accurately inaccurate / map scale forecast
correct correctly incorrect / spelling answer total
logical logically illogical / conclusion sequence mind
= law: law court contract official tax
legal legally illegal / contract drug marriage
honest honestly dishonest / broker politician scales
fair fairly unfair / trial referee election
responsible responsibly irresponsible / parent driver minister
regular regularly irregular / inspection payment pulse
necessary necessarily unnecessary / expense surgery permit
efficient efficiently inefficient / boiler bureau engine
stable stably unstable / bridge currency regime
complete completely incomplete / archive skeleton album
visible visibly invisible / comet scar ink
`},
	{
		name: "animal", weight: 18, ties: 4,
		columns: "animal animals infant",
		rows: `
= farm: barn farmer hay pasture stable trough
dog dogs puppy / leash kennel bone
horse horses foal / saddle hoof gallop
cow cows calf / milk udder butter
pig pigs piglet / mud ham sty
cat cats kitten / purr sofa mouse
goat goats kid / horn cheese cliff
hen hens chick / egg coop feather
llama llamas cria / wool plateau hat
donkey donkeys - / cart stubborn miller
= wild: forest hunter den wilderness prey track
lion lions whelp / mane pride roar
bear bears cub / honey cave salmon
rabbit rabbits bunny / burrow carrot tail
fox foxes kit / cunning brush hounds
wolf wolves - / howl pack moon
hare hares leveret / meadow boxing ears
kangaroo kangaroos joey / pouch hop outback
hedgehog hedgehogs hoglet / spines hedge slug
tiger tigers - / stripes claw circus
elephant elephants - / trunk ivory tusk
monkey monkeys - / banana vine grin
= bird: nest feathers branch migration beak flock
duck ducks duckling / pond quack reeds
goose geese gosling / grass down gander
eagle eagles eaglet / mountain talon emblem
swan swans cygnet / lake neck ballet
owl owls owlet / night tower wisdom
pigeon pigeons squab / square message loft
turkey turkeys poult / thanksgiving gravy stuffing
parrot parrots - / cage pirate echo
crow crows - / scarecrow carrion cornfield
= water: river pond tide shore fisherman reef
frog frogs tadpole / lily croak swamp
seal seals pup / ice whiskers blubber
turtle turtles hatchling / shell beach soup
cod codfish codling / chips batter trawler
eel eels elver / mud jelly weir
oyster oysters spat / pearl lemon bed
whale whales - / harpoon song krill
shark sharks - / fin surfer teeth
= insect: leaf swarm petal summer garden sting
bee bees larva / honey hive nectar
butterfly butterflies caterpillar / wings net cabbage
mosquito mosquitoes wriggler / malaria bite swamp
spider spiders spiderling / web silk attic
ant ants - / hill queen crumbs
beetle beetles - / bark dung armour
`},
	{
		name: "thing", weight: 17, ties: 4,
		columns: "thing things",
		rows: `
= fruit: juice basket ripe sweet jam harvest
apple apples / cider orchard crumble
pear pears / brandy syrup wasp
cherry cherries / blossom stalk pie
plum plums / prune jam brandy
grape grapes / vineyard raisin cluster
peach peaches / fuzz cream stone
berry berries / bramble thorn muffin
melon melons / slice rind summer
= vegetable: soup garden soil salad stew peel
carrot carrots / rabbit root cake
onion onions / tears ring bulb
cabbage cabbages / leaf pickle caterpillar
tomato tomatoes / ketchup greenhouse pizza
bean beans / pod toast coffee
turnip turnips / lantern mash ewe
pepper peppers / spice seeds mill
= tool: workshop repair iron carpenter toolbox rust
hammer hammers / nail anvil blow
saw saws / plank teeth sawdust
axe axes / log handle lumberjack
knife knives / blade cheese sheath
spade spades / trench soil gardener
drill drills / hole dentist battery
needle needles / thread pine haystack
= furniture: room wooden carpet corner cushion parlour
table tables / cloth chess dinner
chair chairs / leg desk rocker
bed beds / pillow sleep sheet
shelf shelves / books pantry dust
lamp lamps / bulb oil desk
mirror mirrors / reflection vanity frame
cupboard cupboards / mouse plates hinge
= garment: wear wardrobe fashion tailor cotton wool
coat coats / hook winter fur
hat hats / brim feather rabbit
shoe shoes / lace heel polish
glove gloves / boxing surgeon mitten
scarf scarves / neck knit football
sock socks / toe drawer hole
dress dresses / ball zip lace
`},
	{
		name: "work", weight: 11, ties: 4,
		columns: "worker workplace",
		rows: `
= learned: degree exam knowledge seminar lecture
doctor hospital / fever pill ambulance
teacher school / chalk blackboard term
scientist laboratory / microscope formula beaker
judge courthouse / verdict gavel trial
librarian library / shelf catalogue silence
chemist pharmacy / prescription ointment cough
professor university / thesis faculty dean
lawyer chambers / brief clause divorce
= craft: apprentice guild tools trade skill
baker bakery / dough crust yeast
mechanic garage / engine tyre spanner
potter kiln / clay glaze jug
smith forge / anvil horseshoe spark
brewer brewery / hops barrel malt
miller mill / flour grain stream
tanner tannery / hide leather stench
= town: street crowd shop counter uniform
chef restaurant / menu sauce apron
banker bank / loan interest vault
clerk office / stamp folder desk
barber salon / razor hair lather
grocer grocery / sugar tin coupon
butcher abattoir / ham cleaver lamb
sculptor studio / bronze chisel bust
= outdoor: boots weather field rain gate
sailor ship / rum rigging tattoo
miner colliery / coal helmet shaft
gardener greenhouse / weed rose hose
soldier barracks / rifle parade bunk
pilot cockpit / runway turbulence altitude
shepherd meadow / lamb crook wool
forester woodland / oak deer trail
`},
	{
		name: "colour", weight: 3, ties: 4,
		columns: "colour",
		rows: `
= warm: fire sunset autumn
red / blood rose lipstick
yellow / lemon canary sand
brown / bark mud leather
pink / ribbon salmon cheek
= cold: ocean evening ice
blue / sky sapphire jeans
green / grass emerald moss
grey / smoke ash cloud
purple / grape bishop velvet
white / snow chalk linen
black / coal raven ink
`},
	{
		name: "month", weight: 3, ties: 4,
		columns: "month",
		rows: `
= dark: frost fog candles
january / sales resolution
february / valentine carnival
november / poppy bonfire
december / christmas advent
= bright: sunshine blossom holiday
april / shower fool
may / maypole dance
june / solstice strawberry
july / beach thunder
august / heat festival
september / school harvest
`},
	{
		name: "instrument", weight: 4, ties: 4,
		columns: "instrument",
		rows: `
= string: bow tune wood
violin / concerto fiddle
cello / suite quartet
harp / angel plucking
banjo / bluegrass porch
= wind: breath reed tune
flute / shepherd whistle
trumpet / fanfare jazz
clarinet / swing wedding
oboe / pitch orchestra
= keyboard: pedal keys bench
organ / church pipes
harpsichord / baroque sonata
`},
	{
		name: "metal", weight: 4, ties: 4,
		columns: "metal",
		rows: `
= precious: jewel coin treasure
gold / ingot ring
silver / spoon mirror
platinum / catalyst award
= base: ore furnace foundry
steel / girder sword
lead / roof bullet
zinc / bucket battery
tin / can soldier
nickel / alloy magnet
aluminium / foil aircraft
`},
}
