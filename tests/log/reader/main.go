// Reader reads a log that the tests wrote, with golang.org/x/mod/sumdb/note and tlog, which
// know nothing of Comity. It exits with 1 and a sentence if anything does not hold.
//
//	reader FOLDER
//
// The folder has log.vkey, cosigner.vkey, checkpoint, the tiles by their paths, and proofs,
// one a line in hexadecimal: "index hash…" in inclusion, "size root hash…" in consistency.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

var folder string

func main() {
	folder = os.Args[1]
	said, err := read()
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func read() (string, error) {
	tree, err := checkpoint()
	if err != nil {
		return "", err
	}
	hashes := tlog.TileHashReader(tree, tiles{})
	if err := entries(tree, hashes); err != nil {
		return "", err
	}
	proofs, err := inclusion(tree, hashes)
	if err != nil {
		return "", err
	}
	grown, err := consistency(tree, hashes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries, %d in, %d grown", tree.N, proofs, grown), nil
}

func checkpoint() (tlog.Tree, error) {
	log, err := note.NewVerifier(strings.TrimSpace(string(file("log.vkey"))))
	if err != nil {
		return tlog.Tree{}, err
	}
	witness, err := newCosigner(strings.TrimSpace(string(file("cosigner.vkey"))))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(file("checkpoint"), note.VerifierList(log, witness))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != 2 {
		return tlog.Tree{}, errors.New("not both have signed")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		return tlog.Tree{}, errors.New("no checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// cosigner verifies cosignature/v1, which x/mod does not have.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no key of a cosigner")
	}
	hash, err := hex.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 || len(hash) != 4 {
		return nil, errors.New("no key of a cosigner")
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(hash), key[1:]}, nil
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), text...), sig[8:])
}

// tiles reads tiles from the folder; C2SP's paths are without the height.
type tiles struct{}

func (tiles) Height() int { return height }

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		raw, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, raw)
	}
	return found, nil
}

func entries(tree tlog.Tree, hashes tlog.HashReader) error {
	for first := int64(0); first < tree.N; first += 1 << height {
		width := min(tree.N-first, 1<<height)
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		raw := file(path)
		for index := first; index < first+width; index++ {
			if len(raw) < 2 || len(raw) < 2+int(binary.BigEndian.Uint16(raw)) {
				return fmt.Errorf("entry %d is not whole", index)
			}
			entry := raw[2 : 2+int(binary.BigEndian.Uint16(raw))]
			raw = raw[2+len(entry):]
			stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			if err != nil {
				return err
			}
			if stored[0] != tlog.RecordHash(entry) {
				return fmt.Errorf("entry %d is not the leaf", index)
			}
		}
		if len(raw) > 0 {
			return fmt.Errorf("%s has more than its entries", path)
		}
	}
	return nil
}

func inclusion(tree tlog.Tree, hashes tlog.HashReader) (int, error) {
	lines := strings.Fields(string(bytes.ReplaceAll(file("inclusion"), []byte(" "), []byte(","))))
	for _, line := range lines {
		words := strings.Split(line, ",")
		index, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return 0, err
		}
		ours, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return 0, err
		}
		theirs, err := decode(words[1:])
		if err != nil {
			return 0, err
		}
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(theirs, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return 0, fmt.Errorf("leaf %d: %w", index, err)
		}
		if fmt.Sprint(ours) != fmt.Sprint([]tlog.Hash(theirs)) {
			return 0, fmt.Errorf("leaf %d has another proof", index)
		}
	}
	return len(lines), nil
}

func consistency(tree tlog.Tree, hashes tlog.HashReader) (int, error) {
	lines := strings.Fields(string(bytes.ReplaceAll(file("consistency"), []byte(" "), []byte(","))))
	for _, line := range lines {
		words := strings.Split(line, ",")
		old, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return 0, err
		}
		theirs, err := decode(words[1:])
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(theirs[1:], tree.N, tree.Hash, old, theirs[0]); err != nil {
			return 0, fmt.Errorf("size %d: %w", old, err)
		}
		ours, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return 0, err
		}
		if fmt.Sprint(ours) != fmt.Sprint([]tlog.Hash(theirs[1:])) {
			return 0, fmt.Errorf("size %d has another proof", old)
		}
	}
	return len(lines), nil
}

func decode(words []string) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(words))
	for n, word := range words {
		raw, err := hex.DecodeString(word)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("%s is no hash", word)
		}
		copy(found[n][:], raw)
	}
	return found, nil
}

func file(name string) []byte {
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	return raw
}
