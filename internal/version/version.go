// Package version names the program that writes a file.
package version

import "runtime/debug"

// Tool is the name under which files record what made them.
const Tool = "kindred"

// String returns the version of the build: the module's version where it was
// installed from one, else the revision of the checkout, with "+dirty" where
// that was changed, else "devel".
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return "devel"
	}
	return "devel-" + revision[:min(12, len(revision))] + dirty
}
