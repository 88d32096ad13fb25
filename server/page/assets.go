package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"

	"parallax/reports/look"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that pages refer to. Its address changes with its contents, so that browsers
// can keep it.
type asset struct {
	address, kind string
	contents      []byte
}

func loadAssets() map[string]asset {
	list := map[string]asset{}
	for name, kind := range map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		contents, err := assetFiles.ReadFile(path.Join("assets", name))
		if err != nil {
			panic(err) // it is embedded
		}
		if name == "page.css" {
			contents = append([]byte(look.Tokens+look.Parts), contents...)
		}
		sum := sha256.Sum256(contents)
		base, extension, _ := strings.Cut(name, ".")
		list[name] = asset{"/assets/" + base + "." + hex.EncodeToString(sum[:6]) + "." + extension, kind, contents}
	}
	return list
}

// address is where a browser finds an asset.
func (p *Pages) address(name string) string { return p.assets[name].address }

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	for _, a := range p.assets {
		if a.address == r.URL.Path {
			w.Header().Set("Content-Type", a.kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.contents))
			return
		}
	}
	http.NotFound(w, r)
}
