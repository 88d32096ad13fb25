package checkpoint

// Sync does nothing: Windows cannot flush a directory, and NTFS writes changes of directories to its journal.
func (d osFiles) Sync() error { return nil }
