// Package version has the name and version of the program, for the files that it writes.
package version

import "runtime/debug"

// Tool is the name of the program in files.
const Tool = "kindred"

// String returns the version of the build: the module's version if it was installed from one, else
// "devel" with the revision of the checkout, and with "+dirty" if that was changed.
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
