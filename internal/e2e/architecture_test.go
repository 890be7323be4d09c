package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of the import paths of this repository.
const module = "kindred"

// architecture is the page that says what each package is for and what it imports.
const architecture = "../../docs/architecture.md"

// A listedPackage is what go list says of a package.
type listedPackage struct {
	ImportPath, Export string
	Imports, Deps      []string
	Standard           bool
}

// listPackages returns the packages that patterns name and all that they import, by import path.
func listPackages(t *testing.T, patterns ...string) map[string]listedPackage {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,Imports,Deps,Standard"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = "../..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]listedPackage{}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// ours returns the import path of a package of this repository below the module, and whether it is one.
func ours(importPath string) (string, bool) {
	if importPath == module {
		return "main.go", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// A packageRow is a row of the table of packages in the page on architecture.
type packageRow struct {
	name    string
	imports []string
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// readPackageTable returns the rows of the table of packages, in their order.
func readPackageTable(t *testing.T) []packageRow {
	t.Helper()
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	var rows []packageRow
	inTable := false
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n "), "|")
		switch {
		case strings.HasPrefix(line, "| package | imports |"):
			inTable = true
		case !inTable || strings.HasPrefix(line, "| ---"):
		case len(cells) != 3:
			inTable = false
		default:
			row := packageRow{name: codeSpan.FindStringSubmatch(cells[0])[1]}
			for _, m := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
				row.imports = append(row.imports, m[1])
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table that begins with \"| package | imports |\"", architecture)
	}
	return rows
}

// TestImportsGoDown holds the table of packages against the code: each package has a row, the row lists
// just what the package imports, and that stands in rows further up.
func TestImportsGoDown(t *testing.T) {
	rows := readPackageTable(t)
	packages := listPackages(t, "./...")
	above := map[string]bool{}
	for _, row := range rows {
		importPath := path.Join(module, row.name)
		if row.name == "main.go" {
			importPath = module
		}
		p, ok := packages[importPath]
		if !ok {
			t.Errorf("%s lists %s, which is no package", architecture, row.name)
			continue
		}
		var imports []string
		for _, i := range p.Imports {
			if name, ok := ours(i); ok {
				imports = append(imports, name)
			}
		}
		slices.Sort(imports)
		if listed := slices.Sorted(slices.Values(row.imports)); !slices.Equal(listed, imports) {
			t.Errorf("%s imports %q, but %s says %q", row.name, imports, architecture, listed)
		}
		for _, i := range imports {
			if !above[i] {
				t.Errorf("%s imports %s, which stands further down in the table of %s", row.name, i, architecture)
			}
		}
		if above[row.name] {
			t.Errorf("%s stands twice in the table of %s", row.name, architecture)
		}
		above[row.name] = true
	}
	for importPath := range packages {
		if name, ok := ours(importPath); ok && !above[name] {
			t.Errorf("%s is missing in the table of %s", name, architecture)
		}
	}
}

// linkRules say what packages must not link, directly or through others: a pattern of import paths, with the reason.
var linkRules = []struct {
	packages  []string
	forbidden string
	why       string
}{
	{[]string{"model", "model/format", "model/search"},
		`snowball|uax29|gonum.org/v1/plot|go-pretty|compress/|ulikunitz/xz|html/template|urfave|golang.org/x/text`,
		"a program that only looks words up needs no stemmer, plot or archive format"},
	{[]string{"eval", "eval/stats", "eval/sets", "eval/compare"},
		`gonum.org/v1/plot|go-pretty|html/template|urfave`,
		"a program that scores needs no plot and no table"},
	{[]string{"corpus/vocab", "corpus/sampling"},
		`snowball|compress|x/text|net/http`,
		"whoever loads vectors needs no more of the corpus"},
	{[]string{"train", "train/negative", "train/parallel", "corpus", "model"},
		`urfave|go-pretty|gonum.org/v1/plot|net/http$|html/template`,
		"the library prints nothing and serves nothing"},
}

// TestLinkRules makes sure that packages do not link what their users do not need.
func TestLinkRules(t *testing.T) {
	packages := listPackages(t, "./...")
	for _, rule := range linkRules {
		forbidden := regexp.MustCompile(rule.forbidden)
		for _, name := range rule.packages {
			p, ok := packages[path.Join(module, name)]
			if !ok {
				t.Errorf("there is no package %s", name)
			}
			for _, d := range p.Deps {
				if forbidden.MatchString(d) {
					t.Errorf("%s links %s: %s", name, d, rule.why)
				}
			}
		}
	}
}

// soleImporters are the only packages that may import a library, by the prefix of its import path.
var soleImporters = map[string][]string{
	"github.com/urfave/cli":        {"internal/cli"},
	"gonum.org/v1/plot":            {"internal/report/html"},
	"html/template":                {"internal/report/html"},
	"github.com/jedib0t/go-pretty": {"internal/report"},
	"github.com/chromedp":          {"internal/report/html/pagetest"},
}

func TestSoleImporters(t *testing.T) {
	for _, p := range listPackages(t, "./...") {
		name, ok := ours(p.ImportPath)
		if !ok {
			continue
		}
		for prefix, allowed := range soleImporters {
			for _, i := range p.Imports {
				if strings.HasPrefix(i, prefix) && !slices.Contains(allowed, name) {
					t.Errorf("%s imports %s, which only %s may", name, i, allowed)
				}
			}
		}
	}
}

// TestPublicSignatures makes sure that no exported name of a public package mentions a type of an internal one.
func TestPublicSignatures(t *testing.T) {
	packages := listPackages(t, "./...")
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(importPath string) (io.ReadCloser, error) {
		return os.Open(packages[importPath].Export)
	})
	for _, importPath := range slices.Sorted(maps.Keys(packages)) {
		name, ok := ours(importPath)
		if !ok || strings.Contains("/"+name, "/internal/") || name == "main.go" {
			continue
		}
		p, err := imports.Import(importPath)
		if err != nil {
			t.Fatal(err)
		}
		for _, exported := range p.Scope().Names() {
			if object := p.Scope().Lookup(exported); object.Exported() {
				w := signatureWalker{in: importPath, seen: map[types.Type]bool{}}
				w.walk(object.Type(), exported)
				for _, found := range w.found {
					t.Errorf("%s.%s", name, found)
				}
			}
		}
	}
}

// A signatureWalker finds types of internal packages in what other packages see of a type.
type signatureWalker struct {
	in    string // the package
	seen  map[types.Type]bool
	found []string
}

func (w *signatureWalker) walk(typ types.Type, where string) {
	if w.seen[typ] {
		return
	}
	w.seen[typ] = true
	switch u := typ.(type) {
	case *types.Named:
		if p := u.Obj().Pkg(); p != nil && strings.Contains(p.Path(), "/internal/") && strings.HasPrefix(p.Path(), module) {
			w.found = append(w.found, fmt.Sprintf("%s is of type %s", where, u))
			return
		} else if p == nil || p.Path() != w.in {
			return // another public package answers for itself
		}
		for m := range u.Methods() {
			if m.Exported() {
				w.walk(m.Type(), where+"."+m.Name())
			}
		}
		w.walk(u.Underlying(), where)
	case *types.Alias:
		w.walk(types.Unalias(u), where)
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() {
				w.walk(f.Type(), where+"."+f.Name())
			}
		}
	case *types.Interface:
		for m := range u.Methods() {
			if m.Exported() {
				w.walk(m.Type(), where+"."+m.Name())
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range tuple.Variables() {
				w.walk(v.Type(), where)
			}
		}
	case *types.Pointer:
		w.walk(u.Elem(), where)
	case *types.Slice:
		w.walk(u.Elem(), where)
	case *types.Array:
		w.walk(u.Elem(), where)
	case *types.Chan:
		w.walk(u.Elem(), where)
	case *types.Map:
		w.walk(u.Key(), where)
		w.walk(u.Elem(), where)
	}
}

// TestArchitecturePaths makes sure that each path that the page on architecture names is there.
func TestArchitecturePaths(t *testing.T) {
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	isPath := regexp.MustCompile(`^[\w./-]+/[\w./-]*$|^[\w-]+\.(go|md|svg|s|toml)$`)
	checked := 0
	for _, m := range codeSpan.FindAllStringSubmatch(string(page), -1) {
		if !isPath.MatchString(m[1]) {
			continue
		}
		checked++
		if _, err := os.Stat(path.Join("../..", m[1])); err != nil {
			t.Errorf("%s names %s: %v", architecture, m[1], err)
		}
	}
	if checked < 20 {
		t.Errorf("only %d paths found in %s", checked, architecture)
	}
}
