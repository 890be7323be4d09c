package cli

import (
	"embed"
	"strings"

	"github.com/urfave/cli/v2"
)

// scripts are the completion scripts, each under the name of its shell.
//
//go:embed completion
var scripts embed.FS

const completionDescription = `Prints a script that makes a shell complete the commands, flags and values of kindred. It asks the program itself
for them, and so stays right when the program changes.`

const completionExamples = `
# bash, in ~/.bashrc
source <(kindred completion bash)
# zsh, in ~/.zshrc behind compinit
source <(kindred completion zsh)
# fish
kindred completion fish > ~/.config/fish/completions/kindred.fish
# PowerShell, in $PROFILE
kindred completion powershell | Out-String | Invoke-Expression`

func completionCommand(con *console) *cli.Command {
	return documented(&cli.Command{
		Name: "completion", Usage: "print a completion script for a shell", ArgsUsage: strings.Join(shells(), "|"),
		Description: completionDescription,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usagef("name one shell: %s", strings.Join(shells(), ", "))
			}
			script, err := scripts.ReadFile("completion/" + c.Args().First())
			if err != nil {
				return usagef("there is no completion for %q%s", c.Args().First(), suggestion(c.Args().First(), shells()))
			}
			_, err = con.out.Write(script)
			return err
		},
	}, completionExamples)
}

// shells returns the names of the shells that there are scripts for.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }
