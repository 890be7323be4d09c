package demo

// topics holds what prose is about: the nouns that lead each topic. Invented
// words follow them down the long tail.
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
