// Package pagetest looks at pages in a real browser.
package pagetest

import (
	"context"
	_ "embed"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// browsers are the programs to look for, in this order.
var browsers = []string{"chromium", "chromium-browser", "google-chrome"}

// patience is how long a browser may take.
const patience = 2 * time.Minute

// harness is a page that shows the tested one in frames and looks at it by a script.
//
//go:embed harness.html
var harness []byte

// Look opens page in Chromium at the widths of phones, of a tablet and of a desktop, in light and in
// dark, and fails the test if it overflows sideways, has text that is cut off or too small, or fetches
// anything. It skips the test if there is no Chromium.
func Look(t *testing.T, page []byte) {
	t.Helper()
	browser := find(t)
	for scheme, name := range []string{"dark", "light"} { // as Blink numbers them
		var seen []string
		for _, f := range look(t, browser, page, scheme) {
			if width, ok := strings.CutPrefix(f, "looked at "); ok {
				seen = append(seen, width)
			} else {
				t.Errorf("%s: %s", name, f)
			}
		}
		slices.Sort(seen)
		want := fmt.Sprintf("1280 px %[1]s, 360 px %[1]s, 390 px %[1]s, 768 px %[1]s", name)
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("looked at %s, want %s", got, want)
		}
	}
}

// find returns the path of a browser, or skips the test.
func find(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("none of %s is on PATH; the page was not looked at", strings.Join(browsers, ", "))
	return ""
}

// look returns what the harness found.
func look(t *testing.T, browser string, page []byte, scheme int) []string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/":
			w.Write(harness)
		case "/page":
			w.Write(page)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// No host but the server's can be reached; the harness sees who tries.
	command := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--user-data-dir="+t.TempDir(), fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme),
		"--window-size=1400,1000", "--virtual-time-budget=10000", "--dump-dom", server.URL+"/")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", browser, err)
	}
	_, rest, _ := strings.Cut(string(out), `<pre id="findings">`)
	text, _, found := strings.Cut(rest, "</pre>")
	if !found {
		t.Fatalf("%s printed no findings: %.500s", browser, out)
	}
	return strings.Split(html.UnescapeString(text), "\n")
}
