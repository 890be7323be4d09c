package page

import (
	"testing"

	"kindred/internal/page/pagetest"
)

func TestInBrowser(t *testing.T) { pagetest.Look(t, []byte(render(t, sample()))) }
