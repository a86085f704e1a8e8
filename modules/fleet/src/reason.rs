//! Why a purchase of fuel belongs to a vehicle, or why a person should look.

/// Why: stable codes with words in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Card,
    Plate,
    PlateReversed,
    Vin,
    InternalNumber,
    CardMasked,
    CardUnknown,
    PlateUnknown,
    PlateUnreadable,
    PlatesDiffer,
    VinUnknown,
    InternalNumberUnknown,
    NoReference,
    Ambiguous,
    Disagree,
    Retired,
    OverCapacity,
    OdometerFalls,
    ConsumptionHigh,
    ConsumptionLow,
    OtherCurrency,
}

impl Reason {
    /// Every reason, for the test that looks for its words.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 21] = [
        Self::Card,
        Self::Plate,
        Self::PlateReversed,
        Self::Vin,
        Self::InternalNumber,
        Self::CardMasked,
        Self::CardUnknown,
        Self::PlateUnknown,
        Self::PlateUnreadable,
        Self::PlatesDiffer,
        Self::VinUnknown,
        Self::InternalNumberUnknown,
        Self::NoReference,
        Self::Ambiguous,
        Self::Disagree,
        Self::Retired,
        Self::OverCapacity,
        Self::OdometerFalls,
        Self::ConsumptionHigh,
        Self::ConsumptionLow,
        Self::OtherCurrency,
    ];

    /// Key of the catalogue's `problem` section.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Card => "match.card",
            Self::Plate => "match.plate",
            Self::PlateReversed => "match.plate_reversed",
            Self::Vin => "match.vin",
            Self::InternalNumber => "match.internal_number",
            Self::CardMasked => "match.card_masked",
            Self::CardUnknown => "match.card_unknown",
            Self::PlateUnknown => "match.plate_unknown",
            Self::PlateUnreadable => "match.plate_unreadable",
            Self::PlatesDiffer => "match.plates_differ",
            Self::VinUnknown => "match.vin_unknown",
            Self::InternalNumberUnknown => "match.internal_number_unknown",
            Self::NoReference => "match.no_reference",
            Self::Ambiguous => "match.ambiguous",
            Self::Disagree => "match.disagree",
            Self::Retired => "match.retired",
            Self::OverCapacity => "match.over_capacity",
            Self::OdometerFalls => "match.odometer_falls",
            Self::ConsumptionHigh => "match.consumption_high",
            Self::ConsumptionLow => "match.consumption_low",
            Self::OtherCurrency => "match.other_currency",
        }
    }

    /// How much the first reference that finds the vehicle is worth.
    pub(crate) const fn worth(self) -> i64 {
        match self {
            Self::Card => 95,
            Self::Plate => 90,
            Self::Vin => 85,
            Self::InternalNumber => 80,
            Self::CardMasked => 70,
            Self::PlateReversed => 60,
            Self::CardUnknown
            | Self::PlateUnknown
            | Self::PlateUnreadable
            | Self::PlatesDiffer
            | Self::VinUnknown
            | Self::InternalNumberUnknown
            | Self::NoReference
            | Self::Ambiguous
            | Self::Disagree
            | Self::Retired
            | Self::OverCapacity
            | Self::OdometerFalls
            | Self::ConsumptionHigh
            | Self::ConsumptionLow
            | Self::OtherCurrency => 0,
        }
    }

    /// Whether a person should look. What supports a match cleanly does not; everything else does.
    pub(crate) const fn is_doubt(self) -> bool {
        !matches!(self, Self::Card | Self::Plate | Self::Vin | Self::InternalNumber)
    }
}
