//! DSTU 4145-2002, the signature of Ukraine over curves of characteristic two: experimental, and off unless
//! it is asked for. The mathematics is a crate's, which is young and which nobody has certified; here its
//! keys and values are read as certificates and CMS of Ukraine write them.
//!
//! Taken is what is found in containers: the polynomial basis, little-endian (1.2.804.2.1.1.1.1.3.1.1), over
//! GOST 34.311 with its usual S-box, on a curve of the standard's table of 256 bits or more. All else stays
//! not verified. No URI of it for XML is known.

use der::asn1::{Any, ObjectIdentifier, OctetString, Uint};
use der::{Decode, Encode, Tag, Tagged};
use ua_cryptography_dstu4145::{
    DomainParameters, POLYNOMIAL_TABLE, Signer, get_polynomial_curve, get_polynomial_curve_by_index,
};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::algorithms::{Digest, Outcome};
use super::verifier::{Claim, Named, Verifier};

/// The algorithm, both of keys and of signatures.
const LITTLE_ENDIAN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.804.2.1.1.1.1.3.1.1");

/// What the curves of the standard's table are named below.
const NAMED_CURVES: &str = "1.2.804.2.1.1.1.1.3.1.1.2.";

/// The S-boxes that GOST 34.311 has without others being named (DKE 1), packed as certificates have them.
const USUAL_S_BOXES: [u8; 64] = [
    0xa9, 0xd6, 0xeb, 0x45, 0xf1, 0x3c, 0x70, 0x82, 0x80, 0xc4, 0x96, 0x7b, 0x23, 0x1f, 0x5e, 0xad, 0xf6,
    0x58, 0xeb, 0xa4, 0xc0, 0x37, 0x29, 0x1d, 0x38, 0xd9, 0x6b, 0xf0, 0x25, 0xca, 0x4e, 0x17, 0xf8, 0xe9,
    0x72, 0x0d, 0xc6, 0x15, 0xb4, 0x3a, 0x28, 0x97, 0x5f, 0x0b, 0xc1, 0xde, 0xa3, 0x64, 0x38, 0xb5, 0x64,
    0xea, 0x2c, 0x17, 0x9f, 0xd0, 0x12, 0x3e, 0x6d, 0xb8, 0xfa, 0xc5, 0x79, 0x04,
];

/// The fewest bits of a curve.
const FEWEST_BITS: u32 = 256;

/// Verifies DSTU 4145.
#[derive(Debug)]
pub(super) struct Dstu4145;

impl Verifier for Dstu4145 {
    fn verify(&self, claim: &Claim<'_>) -> Option<Outcome> {
        let Claim { algorithm, key, signed, value } = claim;
        let Named::Identifier(identifier, digest) = algorithm else { return None };
        if identifier.oid != LITTLE_ENDIAN || digest.is_some_and(|named| named != Digest::Gost34311) {
            return None;
        }
        let key = Key::read(key)?;
        if key.parameters.field().m() < FEWEST_BITS {
            return Some(Outcome::Weak("the curve of the key is smaller than 256 bits"));
        }
        let mut hash = Digest::Gost34311.of(signed)?;
        // The standard counts the bits of a hash from the other end.
        hash.reverse();
        Some(if key.holds(&hash, value) {
            Outcome::Holds
        } else {
            Outcome::Fails("the value of the signature does not hold")
        })
    }

    fn caution(&self) -> Option<&'static str> {
        Some("DSTU 4145 was verified by experimental code that nobody has certified")
    }
}

/// A key of a certificate.
struct Key {
    parameters: DomainParameters,
    /// Compressed, the most significant byte first.
    point: Vec<u8>,
}

impl Key {
    /// Reads a key; none if it is of another kind, or on a curve that is not the standard's.
    fn read(info: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        if info.algorithm.oid != LITTLE_ENDIAN {
            return None;
        }
        let parts = elements(info.algorithm.parameters.as_ref()?)?;
        let (curve, s_boxes) = match parts.as_slice() {
            [curve] => (curve, None),
            [curve, s_boxes] => (curve, Some(s_boxes)),
            _ => return None,
        };
        if let Some(s_boxes) = s_boxes
            && s_boxes.decode_as::<OctetString>().ok()?.as_bytes() != USUAL_S_BOXES
        {
            return None;
        }
        let is_named = curve.tag() == Tag::ObjectIdentifier;
        let parameters = if is_named { named(&curve.decode_as().ok()?)? } else { explicit(curve)? };
        let point = OctetString::from_der(info.subject_public_key.as_bytes()?).ok()?;
        Some(Self { parameters, point: reversed(point.as_bytes()) })
    }

    fn holds(&self, hash: &[u8], value: &[u8]) -> bool {
        let Some(value) = bare(value, &self.parameters) else { return false };
        let Ok(point) = self.parameters.curve().decompress_from_bytes(&self.point) else { return false };
        self.parameters.validate_public_key(&point).is_ok()
            && Signer::new(&self.parameters).verify_hash(&point, hash, &reversed(value))
    }
}

/// A value without the OCTET STRING that it may stand in. It has one length and no other.
fn bare<'value>(value: &'value [u8], parameters: &DomainParameters) -> Option<&'value [u8]> {
    let length = usize::try_from(parameters.minimum_signature_bits() / 8).ok()?;
    if value.len() == length {
        return Some(value);
    }
    let head = [0x04, u8::try_from(length).ok()?];
    value.strip_prefix(&head).filter(|bare| length < 128 && bare.len() == length)
}

fn named(oid: &ObjectIdentifier) -> Option<DomainParameters> {
    let index = oid.to_string().strip_prefix(NAMED_CURVES)?.parse().ok()?;
    get_polynomial_curve_by_index(index).ok()
}

/// Parameters that are written out. The curve has to be the one of the standard's table; of its points of the
/// right order any may be the base point.
fn explicit(written: &Any) -> Option<DomainParameters> {
    let parts = elements(written)?;
    // A version 0 may be written before, in a tag of its own.
    let parts = match parts.split_first()? {
        (first, rest) if first.tag().is_context_specific() => (first.value() == [2, 1, 0]).then_some(rest)?,
        _ => &parts,
    };
    let [field, a, b, order, base] = parts else { return None };
    let field = elements(field)?;
    let [degree, middle] = field.as_slice() else { return None };
    let degree: u32 = degree.decode_as().ok()?;
    let mut middle: Vec<u32> = if middle.tag() == Tag::Integer {
        vec![middle.decode_as().ok()?]
    } else {
        elements(middle)?.iter().map(|one| one.decode_as().ok()).collect::<Option<_>>()?
    };
    let known = get_polynomial_curve(degree).ok()?;
    let (_, k, j, l) = POLYNOMIAL_TABLE.iter().find(|(m, ..)| *m == degree)?;
    let mut of_table: Vec<u32> = [*k, *j, *l].into_iter().filter(|power| *power != 0).collect();
    of_table.sort_unstable();
    middle.sort_unstable();
    let octets = |part: &Any| part.decode_as::<OctetString>().ok().map(|own| reversed(own.as_bytes()));
    let is_known = middle == of_table
        && a.decode_as::<u8>().ok()? == u8::from(!known.curve().a().is_zero())
        && without_zeros(&octets(b)?) == without_zeros(&known.curve().b().to_bytes())
        && order.decode_as::<Uint>().ok()?.as_bytes() == known.n().to_bytes_be();
    if !is_known {
        return None;
    }
    let base = known.curve().decompress_from_bytes(&octets(base)?).ok()?;
    known.validate_public_key(&base).ok()?;
    DomainParameters::new(known.curve(), &base, known.n()).ok()
}

fn elements(sequence: &Any) -> Option<Vec<Any>> {
    Vec::from_der(&sequence.to_der().ok()?).ok()
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn without_zeros(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}
