//! Which country an address is of: by the operator's own database where there is one, else by what the binary carries. An address
//! is looked up and forgotten; private ones, and those nobody knows, have no country.

use crate::error::{Error, Result};
use crate::model::Country;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::sync::LazyLock;

/// `assets/country/README.md` says where it comes from, and `pack.mjs` beside it how it is written.
static CARRIED: LazyLock<Table> = LazyLock::new(|| {
    Table::unpack(include_bytes!("../assets/country/ranges.br")).expect("a file of this program, read by its tests")
});
/// Unpacked, with room for growth.
const UNPACKED_BYTES_MAX: u64 = 16 << 20;

/// What is known of countries.
#[derive(Default)]
pub struct Countries {
    own: Option<maxminddb::Reader<Vec<u8>>>,
}

impl Countries {
    /// With the operator's MMDB file in front, where there is one.
    pub fn open(mmdb: Option<&Path>) -> Result<Self> {
        let Some(path) = mmdb else { return Ok(Self::default()) };
        let own = maxminddb::Reader::open_readfile(path)
            .map_err(|cause| Error::Config(format!("geo_mmdb: {} cannot be read: {cause}.", path.display())))?;
        Ok(Self { own: Some(own) })
    }

    /// The country of an address. The operator's file comes first; what it does not know, the carried table may.
    pub fn of(&self, address: IpAddr) -> Option<Country> {
        let address = address.to_canonical();
        if !is_public(address) {
            return None;
        }
        self.own.as_ref().and_then(|own| look_up(own, address)).or_else(|| CARRIED.of(address))
    }
}

/// The two shapes in which country databases say it.
fn look_up(own: &maxminddb::Reader<Vec<u8>>, address: IpAddr) -> Option<Country> {
    let found = own.lookup(address).ok()?;
    let nested: Option<String> = found.decode_path(&maxminddb::path!["country", "iso_code"]).ok().flatten();
    let code = nested.or_else(|| found.decode_path(&maxminddb::path!["country_code"]).ok().flatten())?;
    code.parse().ok()
}

/// Whether an address may belong to anybody's country: not to this machine, a private network or a carrier's inside.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || shared)
        }
        IpAddr::V6(address) => {
            !(address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local())
        }
    }
}

/// Beginnings of ranges in order, each with the place of its country among `countries`; a range ends where the next begins.
struct Table {
    countries: Vec<Option<Country>>,
    v4: (Vec<u32>, Vec<u8>),
    /// By the first half of the address.
    v6: (Vec<u64>, Vec<u8>),
}

impl Table {
    fn unpack(packed: &[u8]) -> Option<Self> {
        let mut bytes = Vec::new();
        brotli::Decompressor::new(packed, 4096).take(UNPACKED_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        let (count, mut rest) = bytes.split_first()?;
        let names = rest.split_off(..usize::from(*count) * 2)?;
        let country = |letters: &[u8]| std::str::from_utf8(letters).ok().and_then(|letters| letters.parse().ok());
        let countries: Vec<_> = names.chunks(2).map(country).collect();
        let v4 = family(&mut rest, countries.len())?;
        let v6 = family(&mut rest, countries.len())?;
        let narrow = v4.0.into_iter().map(u32::try_from).collect::<Result<_, _>>().ok()?;
        rest.is_empty().then_some(Self { countries, v4: (narrow, v4.1), v6 })
    }

    fn of(&self, address: IpAddr) -> Option<Country> {
        let code = match address {
            IpAddr::V4(address) => code_at(&self.v4, address.to_bits()),
            IpAddr::V6(address) => code_at(&self.v6, (address.to_bits() >> 64) as u64),
        }?;
        self.countries.get(usize::from(code)).copied().flatten()
    }
}

/// The ranges of one family of addresses.
fn family(rest: &mut &[u8], countries: usize) -> Option<(Vec<u64>, Vec<u8>)> {
    let count = usize::try_from(number(rest)?).ok().filter(|count| *count <= rest.len())?;
    let mut starts = Vec::with_capacity(count);
    let mut start = 0u64;
    for _ in 0..count {
        start = start.checked_add(number(rest)?)?;
        starts.push(start);
    }
    let codes = rest.split_off(..count)?.to_vec();
    codes.iter().all(|code| usize::from(*code) < countries).then_some((starts, codes))
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}

fn code_at<T: Ord>((starts, codes): &(Vec<T>, Vec<u8>), address: T) -> Option<u8> {
    let at = starts.partition_point(|start| *start <= address).checked_sub(1)?;
    codes.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carried_table_knows_networks_of_many_countries_and_none_of_private_ones() {
        let countries = Countries::default();
        let of = |address: &str| countries.of(address.parse().unwrap()).map(|country| country.to_string());
        // Universities' and registries' own networks, which have been theirs for decades.
        for (address, country) in [
            ("147.32.1.1", "CZ"),
            ("::ffff:147.32.1.1", "CZ"),
            ("158.195.1.1", "SK"),
            ("18.9.22.69", "US"),
            ("133.11.1.1", "JP"),
            ("2001:718:2::1", "CZ"),
            ("2001:200::1", "JP"),
        ] {
            assert_eq!(of(address).as_deref(), Some(country), "{address}");
        }
        for address in
            ["10.1.2.3", "127.0.0.1", "192.168.1.1", "100.64.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
        {
            assert_eq!(of(address), None, "{address}");
        }
        // Set aside for documentation: nobody's.
        assert_eq!((of("203.0.113.7"), of("2001:db8::1")), (None, None));
    }

    #[test]
    fn a_table_that_breaks_off_is_no_table() {
        let mut packed = Vec::new();
        let plain = [1, b'-', b'-', 1, 0, 0, 1, 0, 0];
        brotli::BrotliCompress(&mut plain.as_slice(), &mut packed, &Default::default()).unwrap();
        assert!(Table::unpack(&packed).is_some());
        for length in 0..plain.len() {
            let mut packed = Vec::new();
            brotli::BrotliCompress(&mut &plain[..length], &mut packed, &Default::default()).unwrap();
            assert!(Table::unpack(&packed).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Countries::open(Some(file.path())).err().unwrap().to_string();
        assert!(error.contains("geo_mmdb"), "{error}");
    }
}
