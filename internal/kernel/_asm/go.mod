module kindred/internal/kernel/_asm

go 1.26.8

require (
	github.com/mmcloughlin/avo v0.5.0
	kindred v0.0.0
)

require (
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

replace kindred => ../../..
