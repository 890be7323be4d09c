package pagetest

import (
	"strings"
	"testing"
)

// TestFindings shows that what is wrong with a page is found.
func TestFindings(t *testing.T) {
	browser := find(t)
	for _, c := range []struct{ name, page, want string }{
		{"sideways", `<div style="width: 2000px">wide</div>`, "360 px: the page scrolls sideways, it is 2"},
		{"overflow", `<div style="overflow: hidden"><p style="width: 600px">wide</p></div>`, "390 px: overflows: <p style"},
		{"clipped", `<svg viewBox="0 0 100 100"><text x="60" y="50">long, long, long</text></svg>`, "360 px: clipped: <text"},
		{"small", `<svg viewBox="0 0 1000 1000"><text x="60" y="50">small</text></svg>`, "360 px: text of 5"},
		{"image", `<img src="/elsewhere.png">`, "360 px: fetches http://127.0.0.1"},
		{"style", `<link rel="stylesheet" href="https://fonts.example.com/a.css">`, "fetches https://fonts.example.com/a.css"},
		{"always white", `<style>body { background: #ffffff }</style>`, "1280 px: the ground is rgb(255, 255, 255) in the dark"},
	} {
		page := "<!DOCTYPE html><html><head><meta name='color-scheme' content='light dark'></head><body><h1>T</h1>" + c.page + "</body></html>"
		findings := strings.Join(look(t, browser, []byte(page), 0), "\n")
		if !strings.Contains(findings, c.want) {
			t.Errorf("%s: found\n%s\nwant %q", c.name, findings, c.want)
		}
	}
}
