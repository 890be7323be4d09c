package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"kindred/internal/serve"
	"kindred/model"
)

const serveAbout = `Answers questions about vectors over HTTP, in JSON: neighbors, analogies, similarities, vectors of words and lines, words by
prefix or at random, and how the vectors were made. /openapi.json describes all addresses. Several files are several models, called by
their names without extension or as in NAME=FILE; a request that names none asks the first.

A file that changes is loaded again while requests go on. Ctrl-C finishes the requests that have begun, then stops.

Without --listen only this machine can reach the server. Any other address needs a token, which requests send as
"Authorization: Bearer TOKEN": that of --token-file, or one that is made and printed.`

const serveExamples = `
kindred serve vectors.safetensors
# ask it
curl 'http://127.0.0.1:8080/v1/neighbors?word=king&top=5'
curl http://127.0.0.1:8080/v1/neighbors -d '{"positive": ["king", "woman"], "negative": ["man"]}'
# two models, reachable from other machines with the token in a file
kindred serve news.safetensors wiki=big.bin --listen 0.0.0.0:8080 --token-file token`

// serveFlags are the flags of the commands serve and explore.
type serveFlags struct {
	vectorsFlags
	listen, tokenFile string
}

func serveCommand(con *console) *command {
	f := &serveFlags{listen: "127.0.0.1:8080"}
	const group = "Server"
	return &command{
		name: "serve", summary: "answer questions about vectors over HTTP", arguments: "VECTORS… [FLAGS]",
		about: serveAbout, examples: serveExamples,
		flags: append([]*flag{
			{name: "listen", group: group, into: &f.listen, value: "ADDRESS", help: "host and port to listen at; port 0 takes a free one"},
			{name: "token-file", group: group, into: &f.tokenFile, value: "FILE", file: inputFile,
				help: "file with the token that requests have to send; needed for no address of this machine alone"},
		}, f.vectorsFlags.flags()...),
		files: systemFiles,
		run:   func(c *call) error { return f.run(c, con) },
	}
}

func (f *serveFlags) run(c *call, con *console) error {
	if len(c.words) == 0 {
		return usage("no vectors; name one or more files, as in \"kindred serve vectors.safetensors\"")
	}
	models, err := parseModels(c.words)
	if err != nil {
		return err
	}
	_, loopback, err := listenHost(f.listen)
	if err != nil {
		return err
	}
	token, made := "", false
	if f.tokenFile != "" {
		if token, err = readToken(f.tokenFile); err != nil {
			return err
		}
	}
	if token == "" && !loopback {
		token, made = newToken(), true
	}
	server, listener, err := f.start(c, con, models, token)
	if err != nil {
		return err
	}
	con.say(fmt.Sprintf("Serving %s at http://%s", counted(len(models), "model"), listener.Addr()))
	if made {
		con.say("Requests need the header  Authorization: Bearer " + token)
	}
	return serveUntilDone(c.ctx, server, listener)
}

// parseModels returns the models that arguments stand for, FILE or NAME=FILE.
func parseModels(arguments []string) ([]fileGroup, error) {
	groups, err := parseSystems(arguments)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		switch {
		case len(g.files) > 1:
			return nil, usagef("%q has %d files; name one for each model", g.name, len(g.files))
		case g.files[0] == stdStream:
			return nil, usage("a server loads its files again when they change, which standard input can't; name a file")
		}
	}
	return groups, nil
}

// start loads the models and begins to listen. From then on the command stops by itself. Without a token the server can be
// called by names of this machine only.
func (f *serveFlags) start(c *call, con *console, models []fileGroup, token string) (*serve.Server, net.Listener, error) {
	host, loopback, err := listenHost(f.listen)
	if err != nil {
		return nil, nil, err
	}
	o := serve.Options{Limits: serve.DefaultLimits(), Log: con.say, Load: f.loader(con), Token: token}
	if token == "" {
		o.Hosts = loopbackHosts(host)
	}
	paths := make([]string, len(models))
	for i, m := range models {
		paths[i], o.Names = m.files[0], append(o.Names, m.name)
	}
	// The port is taken before minutes of loading.
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; choose another address with --listen, such as 127.0.0.1:0 for a free port", err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); loopback && (!ok || !at.IP.IsLoopback()) {
		return nil, nil, errors.Join(fmt.Errorf("--listen is %q, but that is %s here, which other machines may reach; name 127.0.0.1", f.listen, listener.Addr()), listener.Close())
	}
	var server *serve.Server
	if err := unlessInterrupted(c.ctx, func() (err error) {
		server, err = serve.New(c.ctx, paths, o)
		return err
	}); err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	c.stopsItself()
	return server, listener, nil
}

// drainTime is how long requests that have begun may take when the server stops.
const drainTime = 20 * time.Second

// serveUntilDone serves until ctx ends, and then finishes the requests that have begun.
func serveUntilDone(ctx context.Context, s *serve.Server, l net.Listener) error {
	const lookEvery = time.Second // for changed files
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go s.Watch(watch, lookEvery)
	server, failed := s.HTTP(), make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		return fmt.Errorf("requests that had begun did not end within %v and were cut off: %w", drainTime, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// loader reads vectors as the flags say.
func (f *serveFlags) loader(con *console) serve.Loader {
	return func(ctx context.Context, path string) (*model.Embeddings, []string, error) {
		flags := f.vectorsFlags
		flags.mapped, flags.verify = true, true // a new version is checked before it replaces one
		e, err := flags.load(ctx, con, path)
		if err != nil {
			return nil, nil, err
		}
		if err := checkIndexMemory(path, e, 0); err != nil {
			return nil, nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		return e, e.Warnings, nil
	}
}

// loopbackHosts returns the names by which a server may be called that only this machine can reach.
func loopbackHosts(host string) []string {
	return []string{"localhost", "127.0.0.1", "::1", strings.ToLower(host)}
}

// listenHost returns the host of an address, and whether only this machine can reach it.
func listenHost(address string) (host string, loopback bool, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", false, usagef("--listen is %q, want a host and a port, such as 127.0.0.1:8080", address)
	}
	switch host {
	case "localhost":
		return host, true, nil
	case "":
		return "", false, usagef("--listen is %q, which names no host; want 127.0.0.1%s for this machine alone, or 0.0.0.0%s for all networks", address, address, address)
	}
	ip := net.ParseIP(host)
	return host, ip != nil && ip.IsLoopback(), nil
}

// readToken reads a token from the first line of a file.
func readToken(path string) (string, error) {
	const most = 4096
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	if info.Size() > most {
		return "", fmt.Errorf("--token-file: %s has %d bytes, want one line of at most %d", path, info.Size(), most)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	token := strings.TrimSpace(string(data))
	const least = 16
	if len(token) < least || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("--token-file: %s has a token of %d characters, want one line of %d or more without blanks; \"openssl rand -hex 32\" makes one", path, len(token), least)
	}
	return token, nil
}

// newToken returns a random token.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
