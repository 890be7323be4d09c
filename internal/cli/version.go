package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/internal/kernel"
	"kindred/internal/version"
)

// build describes the program, in the form in which --json prints it.
type build struct {
	Version   string `json:"version"`
	GoVersion string `json:"go_version"`
	Platform  string `json:"platform"`
	// Kernels can run on this processor, the fastest first.
	Kernels []string `json:"kernels"`
}

func versionCommand(con *console) *cli.Command {
	var asJSON bool
	return documented(&cli.Command{
		Name: "version", Usage: "tell version, platform and kernels", ArgsUsage: "[FLAGS]",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Destination: &asJSON, Usage: "write JSON"}},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, ""); err != nil {
				return err
			}
			b := build{Version: version.String(), GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			for _, k := range kernel.Available() {
				b.Kernels = append(b.Kernels, k.Name)
			}
			if asJSON {
				return json.NewEncoder(con.out).Encode(b)
			}
			_, err := fmt.Fprintf(con.out, "%s %s\nGo        %s\nPlatform  %s\nKernels   %s (the first is used)\n",
				version.Tool, b.Version, b.GoVersion, b.Platform, strings.Join(b.Kernels, ", "))
			return err
		},
	}, "kindred version")
}
