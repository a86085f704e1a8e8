use super::*;
use std::os::unix::fs::FileExt;

fn key(of: u8) -> ArtefactKey {
    ArtefactKey {
        component: [of; 32],
        engine: [9; 32],
    }
}

fn bytes(sealed: &Sealed) -> Vec<u8> {
    let file = File::from(sealed.file.try_clone().unwrap());
    let mut bytes = vec![0; usize::try_from(sealed.length).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

#[test]
fn every_flipped_bit_and_every_other_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = || ArtefactStore::in_folder(folder.path(), [7; 32]).unwrap();
    let artefact: Vec<u8> = (0..200).collect();
    store().put(&key(1), &artefact).unwrap();
    let path = folder.path().join(key(1).file_name());
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(bytes(&store().get(&key(1)).unwrap()), artefact);
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &flipped).unwrap();
        assert!(store().get(&key(1)).is_none(), "bit {bit}");
        assert!(!path.exists(), "what does not verify is removed");
    }
    for length in [0, 8, 39, 40, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(store().get(&key(1)).is_none(), "{length} bytes");
    }
    std::fs::write(folder.path().join(key(2).file_name()), &whole).unwrap();
    assert!(store().get(&key(2)).is_none(), "another component's artefact");
    std::fs::write(&path, &whole).unwrap();
    let stranger = ArtefactStore::in_folder(folder.path(), [8; 32]).unwrap();
    assert!(stranger.get(&key(1)).is_none(), "another installation's key");
}

#[test]
fn what_was_sealed_cannot_be_changed() {
    let sealed = seal(b"code").unwrap();
    let file = File::from(sealed.file.try_clone().unwrap());
    assert!(file.write_at(b"x", 0).is_err() && file.set_len(1).is_err() && file.set_len(9).is_err());
    assert_eq!(bytes(&sealed), b"code");
}

#[test]
fn the_least_recently_used_go_first() {
    let store = ArtefactStore::in_memory();
    for of in 0..=u8::MAX {
        store.put(&key(of), &[of]).unwrap();
    }
    assert!(store.get(&key(0)).is_some(), "as many as may be held");
    store
        .put(
            &ArtefactKey {
                engine: [1; 32],
                ..key(0)
            },
            b"one more",
        )
        .unwrap();
    assert!(store.get(&key(1)).is_none() && store.get(&key(0)).is_some());
    assert_eq!(store.lock().held.len(), MAX_OPEN);
}
