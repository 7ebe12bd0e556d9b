//! The reference data: road checkpoints and customs offices of Ukraine, as one dated edition built into the
//! hub.
//!
//! Serves every door that names a checkpoint or a customs office, and the lists that systems fetch to know
//! the codes. The files are in `hub/data/`, whose README says where each fact comes from and which names were
//! corrected. Reading is strict: a file without an edition, an unknown word or an odd code is a fault, never
//! a record left out.

use chrono::NaiveDate;
use kordon_schemas::codes::{CheckpointCode, OfficeReference};
use kordon_schemas::text::Bilingual;

const CHECKPOINTS_FILE: &str = "checkpoints.csv";
const OFFICES_FILE: &str = "customs-offices.csv";
const CHECKPOINTS: &str = include_str!("../../data/checkpoints.csv");
const OFFICES: &str = include_str!("../../data/customs-offices.csv");

const CHECKPOINT_COLUMNS: &str = "checkpoint,name_uk,name_en,place_uk,place_en,traffic,\
     neighbour_country,neighbour_name,neighbour_office,active_from";
const OFFICE_COLUMNS: &str =
    "reference,name_uk,name_en,place_uk,place_en,region,parent,roles,traffic,active_from";

/// The day a reference file was last reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition(pub NaiveDate);

/// A kind of traffic that a checkpoint or an office handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrafficKind {
    /// Lorries, buses and cars.
    Road,
    /// Trains.
    Rail,
    /// Ships and ferries, at a sea or river port.
    Port,
    /// Vessels on inland waterways.
    Waterway,
    /// Aircraft.
    Air,
}

impl TrafficKind {
    /// Every kind, in the order in which a file lists them.
    pub const ALL: [Self; 5] = [Self::Road, Self::Rail, Self::Port, Self::Waterway, Self::Air];

    /// The word for it in the files and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Rail => "rail",
            Self::Port => "port",
            Self::Waterway => "waterway",
            Self::Air => "air",
        }
    }
}

/// What a customs office may do in common transit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfficeRole {
    /// Directs other offices (AUT).
    Authority,
    /// Takes transit declarations and releases goods for transit (DEP).
    Departure,
    /// Ends transit operations (DES).
    Destination,
    /// Watches goods in transit over a border (TRA).
    Transit,
    /// Searches for transit operations that did not end (ENQ).
    Enquiry,
    /// Keeps guarantees (GUA).
    Guarantee,
    /// Recovers customs debt (REC).
    Recovery,
    /// Records incidents on the way (INC).
    Incident,
}

impl OfficeRole {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Authority,
        Self::Departure,
        Self::Destination,
        Self::Transit,
        Self::Enquiry,
        Self::Guarantee,
        Self::Recovery,
        Self::Incident,
    ];

    /// The word for it in the files and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Departure => "departure",
            Self::Destination => "destination",
            Self::Transit => "transit",
            Self::Enquiry => "enquiry",
            Self::Guarantee => "guarantee",
            Self::Recovery => "recovery",
            Self::Incident => "incident",
        }
    }
}

/// The checkpoint across the border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The country it is in, by its ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Its name in the spelling of its own country.
    pub name: String,
    /// Its customs office, where the country takes part in common transit and the office is known.
    pub office: Option<OfficeReference>,
}

/// One road checkpoint of Ukraine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRecord {
    /// Its code: the reference of its customs office.
    pub code: CheckpointCode,
    /// The name for people. In English the far side keeps its own spelling.
    pub name: Bilingual,
    /// The settlement, in Ukrainian and in Latin letters.
    pub place: Bilingual,
    /// The kinds of traffic, road always among them.
    pub traffic: Vec<TrafficKind>,
    /// The checkpoint across the border: none for a port, nor where there is more than one.
    pub neighbour: Option<Neighbour>,
    /// The first day of its use in common transit.
    pub active_from: NaiveDate,
}

/// One customs office of Ukraine that takes part in common transit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomsOfficeRecord {
    /// Its reference number.
    pub reference: OfficeReference,
    /// Its short official name, with its abbreviations.
    pub name: Bilingual,
    /// The settlement, in Ukrainian and in Latin letters.
    pub place: Bilingual,
    /// The region of Ukraine it works in, by its ISO 3166-2 code: `UA-` and two digits.
    pub region: String,
    /// The higher authority: none for the State Customs Service itself.
    pub parent: Option<OfficeReference>,
    /// What it may do in common transit.
    pub roles: Vec<OfficeRole>,
    /// The kinds of traffic it handles.
    pub traffic: Vec<TrafficKind>,
    /// The first day of its use in common transit.
    pub active_from: NaiveDate,
}

/// Why a reference file cannot be used. The text is for the one who made the edition.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceFault {
    /// The first line of this file does not say the edition.
    #[error("{0}: the first line has to give the edition, as in `# edition: 2026-11-21`")]
    NoEdition(&'static str),
    /// This file's header is another one than the columns that follow here.
    #[error("{0}: the columns have to be {1}")]
    Columns(&'static str, &'static str),
    /// A row of this file is not CSV, or has too few or too many fields. The reader's lines count from the
    /// header.
    #[error("{0}: a row cannot be read")]
    Row(&'static str, #[source] csv::Error),
    /// A field holds something that its column does not allow.
    #[error("{file}, line {line}, {column}: `{found}` is not {expected}")]
    Field {
        /// The file's name.
        file: &'static str,
        /// The line in the file, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What the field holds.
        found: String,
        /// What it has to be.
        expected: &'static str,
    },
}

/// The road checkpoints of this edition, in the order of their codes.
///
/// # Errors
/// [`ReferenceFault`] when the file built into the hub is broken; the tests keep such a file from being
/// released.
pub fn checkpoints() -> Result<(Edition, Vec<CheckpointRecord>), ReferenceFault> {
    read(CHECKPOINTS_FILE, CHECKPOINTS, CHECKPOINT_COLUMNS, checkpoint)
}

/// The customs offices of this edition, in the order of their references.
///
/// # Errors
/// [`ReferenceFault`] when the file built into the hub is broken; the tests keep such a file from being
/// released.
pub fn customs_offices() -> Result<(Edition, Vec<CustomsOfficeRecord>), ReferenceFault> {
    read(OFFICES_FILE, OFFICES, OFFICE_COLUMNS, customs_office)
}

fn checkpoint(fields: [Field<'_>; 10]) -> Result<CheckpointRecord, ReferenceFault> {
    let [code, name_uk, name_en, place_uk, place_en, traffic, country, name, office, active_from] = fields;
    Ok(CheckpointRecord {
        code: CheckpointCode::parse(code.text).map_err(|_| code.fault("a checkpoint code"))?,
        name: Bilingual { uk: name_uk.name()?, en: name_en.name()? },
        place: Bilingual { uk: place_uk.name()?, en: place_en.name()? },
        traffic: traffic.traffic()?,
        neighbour: neighbour([country, name, office])?,
        active_from: active_from.date()?,
    })
}

/// A neighbour is stated by its country and its name together; an office alone would belong to nobody.
fn neighbour([country, name, office]: [Field<'_>; 3]) -> Result<Option<Neighbour>, ReferenceFault> {
    if country.text.is_empty() && name.text.is_empty() && office.text.is_empty() {
        return Ok(None);
    }
    let two_capitals = country.text.len() == 2 && country.text.bytes().all(|byte| byte.is_ascii_uppercase());
    if !two_capitals {
        return Err(country.fault("the ISO 3166-1 code of the neighbour's country"));
    }
    Ok(Some(Neighbour {
        country: country.text.to_owned(),
        name: name.name()?,
        office: office.office_if_any()?,
    }))
}

fn customs_office(fields: [Field<'_>; 10]) -> Result<CustomsOfficeRecord, ReferenceFault> {
    let [reference, name_uk, name_en, place_uk, place_en, region, parent, roles, traffic, active_from] =
        fields;
    Ok(CustomsOfficeRecord {
        reference: reference.office()?,
        name: Bilingual { uk: name_uk.name()?, en: name_en.name()? },
        place: Bilingual { uk: place_uk.name()?, en: place_en.name()? },
        region: region.region()?,
        parent: parent.office_if_any()?,
        roles: roles.roles()?,
        traffic: traffic.traffic()?,
        active_from: active_from.date()?,
    })
}

/// One field of a row, with what a fault needs to name its place.
#[derive(Clone, Copy)]
struct Field<'row> {
    file: &'static str,
    line: u64,
    column: &'row str,
    text: &'row str,
}

impl Field<'_> {
    fn fault(self, expected: &'static str) -> ReferenceFault {
        let Self { file, line, column, text } = self;
        ReferenceFault::Field { file, line, column: column.to_owned(), found: text.to_owned(), expected }
    }

    fn name(self) -> Result<String, ReferenceFault> {
        if self.text.is_empty() { Err(self.fault("a name")) } else { Ok(self.text.to_owned()) }
    }

    fn date(self) -> Result<NaiveDate, ReferenceFault> {
        date(self.text).ok_or_else(|| self.fault("a date of the form YYYY-MM-DD"))
    }

    fn office(self) -> Result<OfficeReference, ReferenceFault> {
        OfficeReference::parse(self.text).map_err(|_| self.fault("a customs office reference"))
    }

    fn office_if_any(self) -> Result<Option<OfficeReference>, ReferenceFault> {
        if self.text.is_empty() { Ok(None) } else { self.office().map(Some) }
    }

    fn region(self) -> Result<String, ReferenceFault> {
        match self.text.strip_prefix("UA-") {
            Some(digits) if digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(self.text.to_owned())
            }
            Some(_) | None => Err(self.fault("an ISO 3166-2 code of a region of Ukraine")),
        }
    }

    fn traffic(self) -> Result<Vec<TrafficKind>, ReferenceFault> {
        self.words(&TrafficKind::ALL, TrafficKind::as_str, "a list of kinds of traffic")
    }

    fn roles(self) -> Result<Vec<OfficeRole>, ReferenceFault> {
        self.words(&OfficeRole::ALL, OfficeRole::as_str, "a list of roles")
    }

    /// The words of a list, separated by single spaces, each one of `known`; an empty list is a fault.
    fn words<Kind: Copy>(
        self,
        known: &[Kind],
        word: fn(Kind) -> &'static str,
        expected: &'static str,
    ) -> Result<Vec<Kind>, ReferenceFault> {
        self.text
            .split(' ')
            .map(|written| known.iter().copied().find(|kind| word(*kind) == written))
            .collect::<Option<Vec<Kind>>>()
            .ok_or_else(|| self.fault(expected))
    }
}

/// Reads a reference file: the edition, the header, then a record from each row.
fn read<const COLUMNS: usize, Record>(
    file: &'static str,
    text: &str,
    columns: &'static str,
    record: fn([Field<'_>; COLUMNS]) -> Result<Record, ReferenceFault>,
) -> Result<(Edition, Vec<Record>), ReferenceFault> {
    let (first, table) = text.split_once('\n').ok_or(ReferenceFault::NoEdition(file))?;
    let edition = edition(first).ok_or(ReferenceFault::NoEdition(file))?;

    let other_columns = || ReferenceFault::Columns(file, columns);
    let unreadable = |source| ReferenceFault::Row(file, source);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    if !reader.headers().map_err(unreadable)?.iter().eq(columns.split(',')) {
        return Err(other_columns());
    }

    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        // The reader counts from the header, which is the second line of the file.
        let line = row.position().map_or(0, |position| position.line() + 1);
        let fields: Vec<Field<'_>> =
            columns.split(',').zip(&row).map(|(column, text)| Field { file, line, column, text }).collect();
        records.push(record(fields.try_into().map_err(|_| other_columns())?)?);
    }
    Ok((edition, records))
}

fn edition(line: &str) -> Option<Edition> {
    line.trim_end().strip_prefix("# edition: ").and_then(date).map(Edition)
}

/// A date of exactly ten characters: chrono alone would take `2026-1-2` as well.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const UKRAINIAN_LETTERS: &str = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя";
    const MARKS: &str = " -–'(),";

    fn is_ukrainian(letter: char) -> bool {
        letter.to_lowercase().all(|small| UKRAINIAN_LETTERS.contains(small))
    }

    /// Latin letters with and without the marks of the neighbours' alphabets.
    fn is_latin(letter: char) -> bool {
        letter.is_ascii_alphabetic() || (letter.is_alphabetic() && matches!(letter, 'À'..='ɏ'))
    }

    /// Look-alikes cannot be seen in a failure, so it names the place and the code point.
    fn assert_written_in(script: &str, is_letter: fn(char) -> bool, whose: &str, field: &str, name: &str) {
        for (place, sign) in name.chars().enumerate() {
            let (position, code) = (place + 1, u32::from(sign));
            assert!(
                is_letter(sign) || sign.is_ascii_digit() || MARKS.contains(sign),
                "{whose} {field} «{name}»: sign {position} is «{sign}» (U+{code:04X}), not {script}"
            );
        }
        assert_eq!(name.trim(), name, "{whose} {field}: spaces around the name");
        assert!(!name.contains("  "), "{whose} {field} «{name}»: a double space");
    }

    fn assert_bilingual(code: &str, field: &str, text: &Bilingual) {
        let Bilingual { uk, en } = text;
        assert_written_in("Ukrainian", is_ukrainian, code, field, uk);
        assert_written_in("Latin", is_latin, code, field, en);
    }

    fn checkpoints_of(text: &str) -> Result<(Edition, Vec<CheckpointRecord>), String> {
        read(CHECKPOINTS_FILE, text, CHECKPOINT_COLUMNS, checkpoint).map_err(|fault| fault.to_string())
    }

    /// A file of one row, which is the first checkpoint of the edition with one fragment put in place of
    /// another.
    fn file_with(from: &str, to: &str) -> String {
        let file: Vec<&str> = CHECKPOINTS.lines().take(3).collect();
        let text = file.join("\n");
        assert!(text.contains(from), "{from} is not in {text}");
        text.replace(from, to)
    }

    #[test]
    fn there_are_43_checkpoints_and_294_offices_of_one_edition() {
        let (of_checkpoints, checkpoints) = checkpoints().unwrap();
        let (of_offices, offices) = customs_offices().unwrap();
        assert_eq!((checkpoints.len(), offices.len()), (43, 294));
        assert_eq!(of_checkpoints, of_offices);
        assert_eq!(of_checkpoints.0.to_string(), "2026-11-21");
    }

    #[test]
    fn codes_and_checkpoint_names_are_unique() {
        let (_, checkpoints) = checkpoints().unwrap();
        let (_, offices) = customs_offices().unwrap();
        let unique = |words: Vec<&str>| words.iter().collect::<HashSet<_>>().len() == words.len();
        assert!(unique(checkpoints.iter().map(|checkpoint| checkpoint.code.as_str()).collect()));
        assert!(unique(checkpoints.iter().map(|checkpoint| checkpoint.name.uk.as_str()).collect()));
        assert!(unique(checkpoints.iter().map(|checkpoint| checkpoint.name.en.as_str()).collect()));
        assert!(unique(offices.iter().map(|office| office.reference.as_str()).collect()));
    }

    #[test]
    fn every_checkpoint_is_a_transit_office_with_road_traffic_and_the_same_facts() {
        let (_, offices) = customs_offices().unwrap();
        for checkpoint in checkpoints().unwrap().1 {
            let code = checkpoint.code.as_str();
            let office = offices.iter().find(|office| office.reference.as_str() == code);
            let office = office.unwrap_or_else(|| panic!("{code} is no customs office"));
            assert!(office.roles.contains(&OfficeRole::Transit), "{code} is no transit office");
            assert!(checkpoint.traffic.contains(&TrafficKind::Road), "{code} has no road traffic");
            assert_eq!(checkpoint.traffic, office.traffic, "{code}");
            assert_eq!(checkpoint.active_from, office.active_from, "{code}");
            assert_eq!(checkpoint.place, office.place, "{code}");
        }
    }

    #[test]
    fn every_parent_is_an_authority_and_only_one_office_has_none() {
        let (_, offices) = customs_offices().unwrap();
        for office in &offices {
            if let Some(parent) = &office.parent {
                let found = offices.iter().find(|other| other.reference == *parent);
                let found = found.unwrap_or_else(|| panic!("{office:?}: its parent does not exist"));
                assert!(found.roles.contains(&OfficeRole::Authority), "{parent:?} is no authority");
            }
        }
        let head = |office: &&CustomsOfficeRecord| office.parent.is_none();
        assert!(offices.iter().filter(head).map(|head| head.reference.as_str()).eq(["UA120000"]));
    }

    #[test]
    fn no_name_mixes_scripts_or_has_stray_spaces() {
        for CheckpointRecord { code, name, place, neighbour, .. } in checkpoints().unwrap().1 {
            assert_bilingual(code.as_str(), "name", &name);
            assert_bilingual(code.as_str(), "place", &place);
            if let Some(Neighbour { name: far_side, .. }) = neighbour {
                assert_written_in("Latin", is_latin, code.as_str(), "neighbour_name", &far_side);
                assert!(name.en.ends_with(&far_side), "{name:?} does not end with {far_side}");
            }
        }
        for CustomsOfficeRecord { reference, name, place, .. } in customs_offices().unwrap().1 {
            assert_bilingual(reference.as_str(), "name", &name);
            assert_bilingual(reference.as_str(), "place", &place);
        }
    }

    #[test]
    #[should_panic(expected = "UA408070 name_en «Mamalyha – Кryva»: sign 12 is «К» (U+041A), not Latin")]
    fn a_look_alike_letter_is_named_with_its_place() {
        assert_written_in("Latin", is_latin, "UA408070", "name_en", "Mamalyha – Кryva");
    }

    #[test]
    fn a_file_without_an_edition_is_refused() {
        let other_word = file_with("# edition", "# version");
        let no_date = file_with("2026-11-21", "2026-13-01");
        for text in ["", "checkpoint", &other_word, &no_date] {
            let fault = checkpoints_of(text).unwrap_err();
            assert!(fault.starts_with("checkpoints.csv: the first line has to give the edition"), "{fault}");
        }
    }

    #[test]
    fn a_fault_names_the_line_and_the_column() {
        for (from, to, fault) in [
            ("UA205020", "UA20502", "checkpoint: `UA20502` is not a checkpoint code"),
            ("Yahodyn – Dorohusk", "", "name_en: `` is not a name"),
            ("road", "road  rail", "traffic: `road  rail` is not a list of kinds of traffic"),
            (",PL,", ",,", "neighbour_country: `` is not the ISO 3166-1 code of the neighbour's country"),
            ("2023-12-01", "2023-12-1", "active_from: `2023-12-1` is not a date of the form YYYY-MM-DD"),
        ] {
            let expected = format!("checkpoints.csv, line 3, {fault}");
            assert_eq!(checkpoints_of(&file_with(from, to)).unwrap_err(), expected);
        }
    }

    #[test]
    fn other_columns_and_broken_rows_are_refused() {
        let fault = |from, to| checkpoints_of(&file_with(from, to)).unwrap_err();
        assert!(fault("name_uk,name_en", "name_en,name_uk").contains("the columns have to be checkpoint,"));
        assert!(fault(",PL,", ",").contains("a row cannot be read"));
    }
}
