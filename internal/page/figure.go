package page

import (
	"fmt"
	"html/template"
)

// A Figure is a group of plots with a caption.
type Figure struct {
	Caption string
	// Key names the series, where the panels themselves don't.
	Key    []Entry
	Panels []Panel
}

// An Entry of a key says what a series stands for.
type Entry struct {
	Series Series
	Name   string
}

// A Panel is a plot under a title.
type Panel struct {
	Title string
	// Description tells what is to be seen to those who can't see it.
	Description string
	Plot        Plot
}

// A Plot is [Intervals], [Lines] or a [Cloud].
type Plot interface {
	image(description string) (template.HTML, error)
}

func (f Figure) view() (string, any, error) {
	type entry struct {
		Mark template.HTML
		Name string
	}
	type panel struct {
		Title string
		Image template.HTML
	}
	var view struct {
		Key     []entry
		Panels  []panel
		Caption string
	}
	view.Caption = f.Caption
	for _, e := range f.Key {
		mark, err := e.Series.mark()
		if err != nil {
			return "", nil, err
		}
		view.Key = append(view.Key, entry{mark, e.Name})
	}
	for _, p := range f.Panels {
		if p.Description == "" {
			return "", nil, fmt.Errorf("figure %q: panel %q has no description", f.Caption, p.Title)
		}
		image, err := p.Plot.image(p.Description)
		if err != nil {
			return "", nil, fmt.Errorf("figure %q: panel %q: %w", f.Caption, p.Title, err)
		}
		view.Panels = append(view.Panels, panel{p.Title, image})
	}
	return "figure", view, nil
}
