package demo

// templates has the sentences about the rows of a table, one per line. Slots in braces are filled with
//
//	{country}       the form of the row in that column
//	{peer.country}  the form of another row of the group
//	{own}           one of the row's companions
//	{group}         one of the group's words
//	{noun}          a word of the sentence's topic, as {adjective}
//	                and {verb}
//	{state}         a word of the list of that name
var templates = map[string]string{
	"nation": `
the {state} of {country} signed a treaty on {own} and {own}
{country} sent its {state} to protect the {own} and the {own}
in {country} the {state} praised the {own} with {peer.country}
the {state} said that {country} will export {own} and {own}
the {group} and the {own} of {country} worried its {state}
the {city} of {capital} stands near the {own} and {own}
{capital} has a new {city} by the {own} and the {group}
from the {city} in {capital} they saw the {own}
she took a train from {capital} to {peer.capital} with some {own}
the mayor of {capital} opened a {city} with {own} and {own}
the {city} is in {capital} in {country}
the {demonym} {people} loved the {own} and the {own}
a {demonym} {people} wrote of {own} and {group}
an old {demonym} {people} and a {peer.demonym} {people} sang of the {own}
the {people} spoke {demonym} and knew the {own} and {own}
ten {currency} for the {own} was the {price}
the {currency} fell against the {peer.currency} at the {price}
the {price} of {own} and {own} is a hundred {currency}
they paid the {price} for {group} and {own} in {currency}
the {price} of the {currency} rose in {country}
`,
	"kin": `
the {male} said that {he} lost {his} {own} and {own}
{his} {male} and the {own} were known for the {own}
the {male} took off {his} {manly} and saw the {own}
the {male} with the {manly} went to the {group} for {his} {own}
{he} was a {male} and liked the {own} and {own}
the {female} said that {she} lost {her} {own} and {own}
{her} {female} and the {own} were known for the {own}
the {female} took off {her} {womanly} and saw the {own}
the {female} with the {womanly} went to the {group} for {her} {own}
{she} was a {female} and liked the {own} and {own}
the {male} and the {female} talked of the {own} in the {group}
`,
	"verb": `
they {modal} {base} the {own} and {own} {future}
you {modal} not {base} a {adjective} {own} {future}
we {modal} {base} {future} with the {own} and the {own}
the {noun} is {now} {doing} the {own}
they are {now} {doing} with the {own} and the {own}
i was {now} {doing} the {own} in the {group}
{past} the {noun} {did} the {own} and {own}
she {did} a {adjective} {own} {past}
{past} they {did} the {own} and the {own}
he {habit} {does} the {own} and the {own}
the {noun} {habit} {does} a {own} with the {group}
she {does} the {own} {habit}
`,
	"degree": `
the {own} is {very} {plain} like the {own}
a {very} {plain} {own} on the {group}
it was {plain} for a {own} and {very} {own}
the {own} is {much} {more} than the {own}
a {own} {much} {more} than that {noun}
no {own} was {much} {more} than this {group}
the {most} {own} {ever} and {own}
this is the {most} {own} {ever} in the {group}
the {own} was {ever} the {most}
`,
	"manner": `
the {own} was {very} {quality} and the {own} {adjective}
a {very} {quality} {own} and a {group}
it is {quality} said the {own} of the {own}
the {own} {deed} {manner} and with {group}
{manner} the {own} {deed} the {own}
they {deed} the {own} so {manner} and {own}
{sadly} the {own} was {opposite}
the {opposite} {own} and the {group} {sadly}
{sadly} it was an {opposite} {own} and {own}
`,
	"animal": `
{one} {animal} with its {own} and {own} went to the {group}
there is {one} {animal} near the {own} and the {own}
{one} {animal} looked for its {own}
{many} {animals} with their {own} and {own} went to the {group}
there are {many} {animals} near the {own} and the {own}
{many} {animals} looked for their {own}
the {infant} was {born} near the {own} and {own}
the {born} {infant} slept by the {group} and the {own}
a {born} {infant} and its mother the {animal} saw the {own}
`,
	"thing": `
{one} {thing} with its {own} and {own} lay in the {group}
there is {one} {thing} near the {own} and the {own}
she wanted {one} {thing} for the {own}
{many} {things} with their {own} and {own} lay in the {group}
there are {many} {things} near the {own} and the {own}
she wanted {many} {things} for the {own}
`,
	"work": `
the {worker} was {hired} for the {own} and {own}
a {hired} {worker} knew the {own} and the {group}
the {worker} and the {peer.worker} were {hired} with the {own}
the {inside} of the {workplace} smelled of {own} and {own}
{inside} the {workplace} was the {own} and the {group}
they met at the {inside} of the {workplace} by the {own}
the {worker} went {inside} the {workplace}
`,
	"colour": `
a {colour} {own} and a {adjective} {noun}
the {own} was painted {colour} like the {group}
a {shade} of {colour} and {peer.colour} on the {own}
the {shade} {colour} of the {group}
`,
	"month": `
in {month} comes the {own}
{date} of {month} was a day of {group} and {own}
from {month} until {peer.month} there is {group}
on {date} {month} they held the {own}
`,
	"instrument": `
she {plays} the {instrument} with the {own}
the {plays} of a {instrument} and its {group}
a {instrument} and a {peer.instrument} {plays} the {own}
`,
	"metal": `
the {own} is made of {melted} {metal}
{metal} and {peer.metal} are {melted} in the {group}
a {melted} {metal} {own} from the {group}
`,
}

// lists has words that identify a column, and other small classes of words.
var lists = map[string]string{
	"state":   "government army parliament border president population treaty constitution minister republic embassy territory",
	"city":    "street museum station suburb district airport underground skyline boulevard stadium hotel cathedral",
	"people":  "poet tourist citizen accent language folk painter spelling composer cuisine national traveller",
	"price":   "price rate exchange banknote cost sum debt deposit value budget",
	"he":      "he himself",
	"his":     "his him",
	"manly":   "beard moustache tie trousers razor suit pipe waistcoat",
	"she":     "she herself",
	"her":     "her hers",
	"womanly": "gown lipstick necklace skirt perfume pearls bonnet brooch",
	"modal":   "will can must should could would might shall to",
	"future":  "tomorrow soon someday tonight eventually please",
	"now":     "now still currently busy already keep constantly",
	"past":    "yesterday once previously ago recently formerly finally",
	"habit":   "always often usually never sometimes daily seldom",
	"very":    "very so quite rather too extremely terribly",
	"much":    "much far even slightly considerably somewhat no",
	"ever":    "ever record among world anywhere by",
	"deed":    "answered acted replied worked behaved treated handled described",
	"sadly":   "sadly alas unfortunately despite nobody trouble complaint however",
	"one":     "one a each this every single another",
	"many":    "many several few these some those numerous",
	"born":    "born newborn tiny helpless nursed weaned orphaned",
	"hired":   "hired trained busy skilled retired famous promoted experienced",
	"inside":  "inside entrance door hallway roof front corridor yard",
	"shade":   "shade dye hue pigment tint stain",
	"date":    "first second third tenth fifteenth twentieth",
	"plays":   "plays practises sound solo melody strings",
	"melted":  "melted pure molten solid shiny polished cast",
}

// prose has the sentences about a topic.
const prose = `
the {adjective} {noun} of the {noun} {verb} the {noun}
a {noun} and a {noun} {verb} in the {adjective} {noun}
the {noun} {verb} to the {noun} and {verb} the {adjective} {noun}
it was a {adjective} {noun} for the {noun} of {noun}
the {noun} {verb} that {noun} {verb} the {noun} by the {noun}
in the {noun} of {noun} the {noun} {verb} {adjective}
{noun} {verb} {noun} and the {adjective} {noun} {verb} with it
as the {noun} is {adjective} the {noun} {verb} on a {noun}
`

// clauses stand before or after sentences.
const clauses = `
in the {noun}
of the {adjective} {noun}
and the {noun} {verb}
for the {noun} of {noun}
but not the {noun}
with {adjective} {noun}
as it {verb} in {noun}
which {verb} the {noun}
`

// functionWords are those of English, roughly by descending frequency. Noise inserts them most often.
const functionWords = `the of and to a in is that it was for on with as he be by at from his this had
not are but have they which she or one you were an all her there been their we
him has when who will more no if out so said what up its about into than them
can only other time new some could these two then do first any my now such
like our over me even most made after also did many before must through back
years where much your way well down should because each just those people how
too little state very make world still see own men work here get both between
life being under never day same another while last might us great year off
come since against go came right used take three`

// topics has the most frequent nouns of each topic. Invented words make its long tail.
const topics = `
weather: storm rainfall humidity hail drizzle gale barometer lightning
law: jury plaintiff statute defendant attorney appeal felony clemency
medicine: surgeon diagnosis vaccine symptom clinic infection therapy tumour
music: orchestra chord rhythm tempo soprano harmony ballad encore
football: goalkeeper penalty midfielder dribble offside kickoff league trophy
chess: bishop checkmate gambit rook pawn castling stalemate grandmaster
astronomy: telescope galaxy nebula orbit asteroid eclipse planet quasar
geology: basalt sediment fossil magma granite quartz erosion tectonics
sailing: rudder mast keel anchor regatta spinnaker mooring deckhand
railway: locomotive platform carriage signalman timetable freight sleeper junction
finance: investor dividend bond inflation portfolio broker equity mortgage
computing: software processor compiler keyboard database server algorithm bandwidth
election: ballot voter campaign incumbent constituency turnout referendum coalition
war: battalion infantry ceasefire artillery siege regiment ambush bombardment
printing: typeface ink margin binder paperback engraving footnote publisher
photography: aperture shutter tripod exposure darkroom negative flash zoom
theatre: playwright rehearsal scenery applause monologue dialogue prompter matinee
religion: sermon pilgrim gospel parish baptism theology chapel psalm
mathematics: theorem integer polynomial axiom lemma topology fraction matrix
physics: electron neutron momentum photon gravity quantum isotope friction
chemistry: molecule solvent acid catalyst polymer alkali compound titration
botany: pollen stamen chlorophyll fern shrub sapling seedling photosynthesis
farming: ploughing irrigation silo fertiliser livestock acre sowing fallow
mining: shaftway drilling seam pickaxe tailings gallery quarry lignite
fishing: angler bait hook lure trout netting catchment tackle
wine: cellarman tannin bottle bouquet vintage sommelier carafe decanter
aviation: fuselage propeller altimeter hangar cockpitcrew glider airfield jetliner
crime: detective burglar suspect alibi fingerprint ransom informer handcuffs
school: classmate homeroom syllabus tuition scholarship graduation kindergarten semester
architecture: facade dome pillar vaulting balcony blueprint arcade buttress
television: broadcast sitcom presenter studioset antenna documentary episode subtitle
banking: cheque overdraft teller ledger account creditor collateral lender
philosophy: ethics metaphysics dualism paradox stoic empiricism dialectic logic
psychology: cognition anxiety perception impulse therapist introvert trauma phobia
mountaineering: crevasse ridge ascent carabiner basecamp sherpa avalanche piton
gymnastics: somersault vault trampoline handstand beam tumbling acrobat leotard
`
