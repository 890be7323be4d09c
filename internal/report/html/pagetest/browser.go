package pagetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
)

// A Browser is a tab of headless Chromium. It fails its test if the page throws an error, logs one, or asks
// another host for anything.
type Browser struct {
	t   *testing.T
	ctx context.Context
}

// Open starts a browser with a window of this size, in light or dark, and opens an address. It skips the test if
// there is no Chromium.
func Open(t *testing.T, address string, width, height int, dark bool) *Browser {
	t.Helper()
	path := find(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.WindowSize(width, height))
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &Browser{t, ctx}
	b.check(chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page throws %v", e.ExceptionDetails)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork { // a test may ask for what is not there
				t.Errorf("the page logs %s: %s", e.Entry.Source, e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "http://127.0.0.1:") && !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
				t.Errorf("the page fetches %s", u)
			}
		}
	}))
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.run(chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate(address))
	return b
}

func call[P, R any](b *Browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, command, params)
	b.check(err)
}

func (b *Browser) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *Browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.check(chromedp.Do(b.ctx, actions...))
}

// Eval returns what a JavaScript expression gives, after it waited if that is a promise.
func Eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	b.check(err)
	return value
}

// Wait waits until a JavaScript expression is true. It fails the test if that takes long.
func (b *Browser) Wait(expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if Eval[bool](b, "!!("+expression+")") {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s is not true after %v; the page says\n%s", expression, patience, Eval[string](b, "document.body.innerText.slice(0, 1000)"))
		}
	}
}

// Click clicks the first element that a selector of CSS matches.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector)))
}

// ClickAt clicks a place in the window.
func (b *Browser) ClickAt(x, y float64) {
	b.t.Helper()
	b.run(chromedp.MouseClickXY(x, y))
}

// Type selects the text of an input and presses the keys of a new one; "\r" is Enter.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("document.querySelector(%q)", selector))
	Eval[bool](b, fmt.Sprintf("(document.querySelector(%q).focus(), document.querySelector(%[1]q).select(), true)", selector))
	b.Keys(text)
}

// Keys presses keys on the element that has the focus.
func (b *Browser) Keys(keys string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(keys))
}

// Navigate opens another address.
func (b *Browser) Navigate(address string) {
	b.t.Helper()
	b.run(chromedp.Navigate(address))
}

// CPU returns the processor time in seconds that the processes of the browser have used so far, by their kind: renderer
// is that of the page, GPU that of drawing, which does the work of a graphics card where there is none.
func (b *Browser) CPU() map[string]float64 {
	b.t.Helper()
	found, err := chromedp.CallBrowser(b.ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	b.check(err)
	used := map[string]float64{}
	for _, p := range found.ProcessInfo {
		used[p.Type] += p.CPUTime
	}
	return used
}

// Screenshot writes what is in the window to NAME.png in the directory of the environment variable
// KINDRED_SCREENSHOTS, for somebody to look at. Without the variable it does nothing.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("KINDRED_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.check(err)
	b.check(os.WriteFile(fmt.Sprintf("%s/%s.png", dir, name), picture, 0o644))
}
