// Package look owns what the HTML report and the server's page have in common, so that they look
// alike: the colours for light and dark screens and paper, charts over time, the rows of a
// divergence side by side, the buckets of the ledger, and texts made fit for HTML.
//
// Stability: ours.
package look

import _ "embed"

// Tokens is the part of a style sheet that defines the colours, as custom properties.
//
//go:embed tokens.css
var Tokens string

// Parts is the part of a style sheet for what both show: text, tables, verdicts, tiles, chips,
// charts, rows side by side.
//
//go:embed parts.css
var Parts string
