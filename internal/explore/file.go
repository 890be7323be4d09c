package explore

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"path/filepath"

	"kindred/model"
)

// A Model is a model of a page that is written to a file.
type Model struct {
	Name       string
	Embeddings *model.Embeddings
	Atlas      *Atlas
}

// An embeddedModel is a model as the page has it.
type embeddedModel struct {
	Name     string          `json:"name"`
	Words    int             `json:"words"`
	Dim      int             `json:"dim"`
	Manifest *model.Manifest `json:"manifest,omitempty"`
	List     []string        `json:"list"`
	Counts   []int64         `json:"counts"`
	Clusters [][]string      `json:"clusters"`
	Places   string          `json:"places"`
	Vectors  string          `json:"vectors"`
}

// Write writes a page that needs no server and fetches nothing: it has the words of the atlases and their vectors, a
// byte for each value. Of files that the manifests name only the names are in it, not where they are.
func Write(w io.Writer, models []Model) error {
	var list []embeddedModel
	for _, m := range models {
		list = append(list, embeddedModel{
			Name: m.Name, Words: m.Embeddings.Vocabulary.Len(), Dim: m.Embeddings.Dim(), Manifest: withoutPaths(m.Embeddings.Manifest),
			List: m.Atlas.Words, Counts: m.Atlas.Counts, Clusters: m.Atlas.Names, Places: base64.StdEncoding.EncodeToString(m.Atlas.places()),
			Vectors: base64.StdEncoding.EncodeToString(quantized(m.Atlas.unit)),
		})
	}
	data, err := json.Marshal(map[string]any{"models": list}) // escapes < and >, so nothing ends the script
	if err != nil {
		return err
	}
	policy := fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", digest(script), digest(style))
	head := fmt.Sprintf("<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n<style>%s</style>", html.EscapeString(policy), style)
	body := fmt.Sprintf("<script type=\"application/json\" id=\"data\">%s</script>\n<script>%s</script>", data, script)
	_, err = io.WriteString(w, document(head, body))
	return err
}

// digest returns the source of a policy that allows an element with this content.
func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// quantized returns a signed byte for each value of unit vectors: those of a vector are scaled so that the
// largest is 127.
func quantized(unit *model.Matrix) []byte {
	data := make([]byte, 0, unit.Rows*unit.Dim)
	for i := range unit.Rows {
		most := float32(0)
		for _, v := range unit.Row(i) {
			most = max(most, v, -v)
		}
		for _, v := range unit.Row(i) {
			q := 0.0
			if most > 0 {
				q = math.RoundToEven(float64(v) / float64(most) * 127)
			}
			data = append(data, byte(int8(q)))
		}
	}
	return data
}

// withoutPaths returns a manifest with the base names of files.
func withoutPaths(m *model.Manifest) *model.Manifest {
	if m == nil {
		return nil
	}
	c := *m
	if c.Source != "" {
		c.Source = filepath.Base(c.Source)
	}
	if c.Corpus != nil {
		corpus := *c.Corpus
		corpus.Inputs = nil
		for _, in := range c.Corpus.Inputs {
			corpus.Inputs = append(corpus.Inputs, filepath.Base(in))
		}
		c.Corpus = &corpus
	}
	if c.Init != nil {
		init := *c.Init
		init.Source = filepath.Base(init.Source)
		c.Init = &init
	}
	return &c
}
