package row

// HashRecords sets dst[i], for each decoded record of a source, to the Hash of the tuple of
// its columns, which the table must have. It reads the columns directly and creates no
// values. dst has an element for each record; elements of other records are not changed.
func HashRecords(dst []uint64, b *Batch, source int32, columns []int) {
	t := b.Table(int(source))
	if t == nil {
		return
	}
	var few [4]*Vector
	key := few[:0]
	for _, c := range columns {
		key = append(key, t.Columns[c])
	}
	for i := range b.records {
		r := &b.records[i]
		if r.Source != source || r.State == Undecodable {
			continue
		}
		h := uint64(hashSeed)
		for _, v := range key {
			h = v.hash(h, int(r.Row))
		}
		dst[i] = fold(h, hashEnd)
	}
}

// hash continues the hash h with row i, as Value.hash does.
func (v *Vector) hash(h uint64, i int) uint64 {
	if v.Type.Kind == String && v.valid[i] {
		s := v.strs[i]
		return hashText(h^uint64(String)<<56, textOf(s), len(s))
	}
	value := v.Value(i)
	return value.hash(h)
}
