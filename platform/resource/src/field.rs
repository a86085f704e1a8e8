//! Fields and their kinds.

/// What a field holds. Each kind is one column type, one JSON form, one input and one cell in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text; column `text`.
    Text {
        /// Most characters.
        max: u32,
    },
    /// Text of several lines; column `text`.
    LongText {
        /// Most characters.
        max: u32,
    },
    /// One of a closed set of words; column `text` with a check.
    Choice {
        /// The words, in the order in which people should see them.
        values: &'static [&'static str],
    },
    /// A whole number; column `bigint`.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// An exact number; column `numeric(18, scale)`; JSON string.
    Decimal {
        /// Digits after the point.
        scale: u32,
        /// Whether negative numbers are allowed.
        signed: bool,
    },
    /// An amount in the organization's currency; column `bigint` of minor units; JSON string of major units.
    Money {
        /// Whether negative amounts are allowed.
        signed: bool,
    },
    /// A calendar day; column `date`.
    Date,
    /// A point in time; column `timestamptz`; JSON in UTC.
    Instant,
    /// Yes or no; column `boolean`.
    Boolean,
    /// The id of a row of another resource; column `uuid` with a foreign key over (organization_id, id).
    Reference {
        /// Full name of the resource, as `fleet.vehicles`.
        to: &'static str,
    },
    /// The user id of a member of the organization; column `uuid` with a foreign key to `platform.members`.
    Member,
    /// A time of day as `08:30`, in the organization's time zone; column `text`.
    Time,
    /// An object or list that nothing filters by; column `jsonb`.
    Json,
    /// The id of an uploaded file; column `uuid`.
    File,
    /// A telephone number, stored in E.164; column `text`.
    Phone,
    /// An e-mail address; column `text`.
    Email,
    /// An international bank account number with a right checksum; column `text`.
    Iban,
    /// A Saudi national id (1…) or residence number (2…), ten digits with a right checksum; column `text`.
    NationalId,
    /// A number plate in Arabic or Latin letters, stored in one normal form; column `text`.
    Plate,
}

impl Kind {
    /// The kind's name in descriptions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "long_text",
            Self::Choice { .. } => "choice",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Money { .. } => "money",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Boolean => "boolean",
            Self::Reference { .. } => "reference",
            Self::Member => "member",
            Self::Time => "time",
            Self::Json => "json",
            Self::File => "file",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Iban => "iban",
            Self::NationalId => "national_id",
            Self::Plate => "plate",
        }
    }

    /// The column's type as `pg_catalog.format_type` spells it.
    pub fn column_type(self) -> String {
        match self {
            Self::Integer { .. } | Self::Money { .. } => "bigint".into(),
            Self::Decimal { scale, .. } => format!("numeric(18,{scale})"),
            Self::Date => "date".into(),
            Self::Instant => "timestamp with time zone".into(),
            Self::Boolean => "boolean".into(),
            Self::Reference { .. } | Self::Member | Self::File => "uuid".into(),
            Self::Json => "jsonb".into(),
            Self::Text { .. }
            | Self::LongText { .. }
            | Self::Choice { .. }
            | Self::Time
            | Self::Phone
            | Self::Email
            | Self::Iban
            | Self::NationalId
            | Self::Plate => "text".into(),
        }
    }
}

/// How rows are numbered for people: `TKT-20261122-0001`, counted per organization without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The letters before the first hyphen.
    pub prefix: &'static str,
    /// Fewest digits of the count.
    pub digits: usize,
    /// Whether each day counts from 1 and shows in the number.
    pub daily: bool,
}

/// One declared field. Flags are set with the builder methods.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// snake_case name: column, JSON key, locale key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Must have a value; column `not null`.
    pub required: bool,
    /// No two live rows of an organization share the value.
    pub unique: bool,
    /// Free-text search looks here.
    pub search: bool,
    /// Shown in the console's filter bar (every plain field can be filtered by the API).
    pub filter: bool,
    /// Shown in lists.
    pub list: bool,
    /// Written by actions and operations only.
    pub read_only: bool,
    /// Set once, at creation.
    pub create_only: bool,
    /// Last part of the permission that is needed to see or write it, as `read_cost`.
    pub permission: Option<&'static str>,
    /// Says something about a person, whatever its kind: its values in histories can be made unreadable with the person's.
    pub personal: bool,
    /// Value of new rows that do not give one, in the form a person would type.
    pub default: Option<&'static str>,
    /// Unit shown beside the label, as `km`.
    pub unit: Option<&'static str>,
    /// Heading under which forms and details show it.
    pub group: Option<&'static str>,
    /// The engine fills it with the next number.
    pub numbering: Option<Numbering>,
    /// Other spellings of a choice's words that are accepted: `(as given, as stored)`.
    pub aliases: &'static [(&'static str, &'static str)],
    /// A value that fits, in the form a person would type: shown in the API's documents, tried by its tests.
    pub example: Option<&'static str>,
    /// What the engine writes into new rows that do not say it.
    pub begins_as: Option<Beginning>,
}

/// What is known of a new row without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Who makes it; nobody, where a rule of ours or the clock does.
    Maker,
    /// The day it is made on, in the organization's time.
    Today,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
        unique: false,
        search: false,
        filter: false,
        list: false,
        read_only: false,
        create_only: false,
        permission: None,
        personal: false,
        default: None,
        unit: None,
        group: None,
        numbering: None,
        aliases: &[],
        example: None,
        begins_as: None,
    }
}

/// One line of text of at most `max` characters.
pub const fn text(name: &'static str, max: u32) -> Field {
    field(name, Kind::Text { max })
}

/// Several lines of text of at most `max` characters.
pub const fn long_text(name: &'static str, max: u32) -> Field {
    field(name, Kind::LongText { max })
}

/// One of `values`.
pub const fn choice(name: &'static str, values: &'static [&'static str]) -> Field {
    field(name, Kind::Choice { values })
}

/// A whole number from `min` to `max`.
pub const fn integer(name: &'static str, min: i64, max: i64) -> Field {
    field(name, Kind::Integer { min, max })
}

/// An exact number, not negative, with `scale` digits after the point.
pub const fn decimal(name: &'static str, scale: u32) -> Field {
    field(name, Kind::Decimal { scale, signed: false })
}

/// An amount of money, not negative.
pub const fn money(name: &'static str) -> Field {
    field(name, Kind::Money { signed: false })
}

/// A calendar day.
pub const fn date(name: &'static str) -> Field {
    field(name, Kind::Date)
}

/// A point in time.
pub const fn instant(name: &'static str) -> Field {
    field(name, Kind::Instant)
}

/// Yes or no.
pub const fn boolean(name: &'static str) -> Field {
    field(name, Kind::Boolean)
}

/// The id of a row of `to`, as `fleet.vehicles`.
pub const fn reference(name: &'static str, to: &'static str) -> Field {
    field(name, Kind::Reference { to })
}

/// A member of the organization.
pub const fn member(name: &'static str) -> Field {
    field(name, Kind::Member)
}

/// A time of day.
pub const fn time(name: &'static str) -> Field {
    field(name, Kind::Time)
}

/// A number for people that the engine gives each new row, as `TKT-20261122-0001`.
pub const fn number(name: &'static str, prefix: &'static str, digits: usize) -> Field {
    let mut field = text(name, 40).required().unique().read_only().search().list();
    field.numbering = Some(Numbering {
        prefix,
        digits,
        daily: true,
    });
    field
}

/// An object or a list.
pub const fn json(name: &'static str) -> Field {
    field(name, Kind::Json)
}

/// An uploaded file.
pub const fn file(name: &'static str) -> Field {
    field(name, Kind::File)
}

/// A telephone number.
pub const fn phone(name: &'static str) -> Field {
    field(name, Kind::Phone)
}

/// An e-mail address.
pub const fn email(name: &'static str) -> Field {
    field(name, Kind::Email)
}

/// A bank account number.
pub const fn iban(name: &'static str) -> Field {
    field(name, Kind::Iban)
}

/// A Saudi national id or residence number.
pub const fn national_id(name: &'static str) -> Field {
    field(name, Kind::NationalId)
}

/// A number plate.
pub const fn plate(name: &'static str) -> Field {
    field(name, Kind::Plate)
}

impl Field {
    /// Must have a value.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// No two live rows of an organization share the value.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Free-text search looks here.
    pub const fn search(mut self) -> Self {
        self.search = true;
        self
    }

    /// Shown in the console's filter bar.
    pub const fn filter(mut self) -> Self {
        self.filter = true;
        self
    }

    /// Shown in lists.
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Written by actions and operations only.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Set once, at creation.
    pub const fn create_only(mut self) -> Self {
        self.create_only = true;
        self
    }

    /// Needs `<resource>.<permission>` to be seen or written.
    pub const fn permission(mut self, permission: &'static str) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Says something about a person.
    pub const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Whether it says something about a person: it was declared so, or is of a kind that does.
    pub const fn is_personal(&self) -> bool {
        self.personal || matches!(self.kind, Kind::Phone | Kind::Email | Kind::Iban | Kind::NationalId)
    }

    /// Whether its values in histories are sealed: it is personal, or not for everybody's eyes.
    pub const fn is_sealed(&self) -> bool {
        self.permission.is_some() || self.is_personal()
    }

    /// Value of new rows that do not give one.
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// New rows hold who made them.
    pub const fn by_maker(mut self) -> Self {
        self.begins_as = Some(Beginning::Maker);
        self
    }

    /// New rows hold the day they were made on.
    pub const fn from_today(mut self) -> Self {
        self.begins_as = Some(Beginning::Today);
        self
    }

    /// Unit shown beside the label.
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Heading under which forms and details show it.
    pub const fn group(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    /// Counts on over the days: `DOC-00001`.
    pub const fn continuous(mut self) -> Self {
        if let Some(numbering) = &mut self.numbering {
            numbering.daily = false;
        }
        self
    }

    /// Other spellings of a choice's words: `(as given, as stored)`.
    pub const fn aliases(mut self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        self.aliases = aliases;
        self
    }

    /// A value that fits, in the form a person would type.
    pub const fn example(mut self, example: &'static str) -> Self {
        self.example = Some(example);
        self
    }

    /// The word that is stored for one of its spellings.
    pub fn word<'a>(&self, given: &'a str) -> &'a str {
        let fold = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
        let folded = fold(given);
        let found = self.aliases.iter().find(|(alias, _)| *alias == folded);
        found.map_or(given, |(_, stored)| stored)
    }

    /// Allows negative numbers in a decimal or an amount.
    pub const fn signed(mut self) -> Self {
        self.kind = match self.kind {
            Kind::Decimal { scale, .. } => Kind::Decimal { scale, signed: true },
            Kind::Money { .. } => Kind::Money { signed: true },
            other => other,
        };
        self
    }
}
