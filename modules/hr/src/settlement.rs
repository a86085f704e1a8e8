//! From gross to net: deductions in the order of the law, each within its own limit and all within one.

/// A deduction that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The courier's part of social insurance.
    Social,
    /// An instalment of a loan from the employer.
    Loan,
    /// A fine.
    Fine,
}

impl Kind {
    /// The article that limits it.
    pub(crate) const fn article(self) -> &'static str {
        match self {
            Self::Social => "Labour Law, Art. 92(2)",
            Self::Loan => "Labour Law, Art. 92(1)",
            Self::Fine => "Labour Law, Art. 70",
        }
    }

    /// Most halalas of this kind in a month: a tenth of the wage for loans, five days' wage for fines.
    const fn limit(self, gross: i64) -> i64 {
        match self {
            Self::Social => gross,
            Self::Loan => gross / 10,
            Self::Fine => gross / 30 * 5 + gross % 30 * 5 / 30,
        }
    }
}

/// What was asked, what is deducted, and which article stopped the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deduction {
    pub asked: i64,
    pub allowed: i64,
    pub article: &'static str,
}

/// The article that limits all deductions together to half of the wage; the social insurance counts within it.
const TOGETHER: &str = "Labour Law, Art. 93";

/// Deductions in the order given, in halalas. A fine is deducted whole or waits for another month; an instalment may be a part.
pub(crate) fn deduct(gross: i64, asked: &[(Kind, i64)]) -> Vec<Deduction> {
    let mut together = gross.max(0) / 2;
    let mut left = [Kind::Social, Kind::Loan, Kind::Fine].map(|kind| (kind, kind.limit(gross.max(0))));
    let mut deductions = Vec::with_capacity(asked.len());
    for (kind, asked) in asked {
        let own = left.iter_mut().find(|(one, _)| one == kind).map(|(_, left)| left);
        let mut none = 0;
        let own = own.unwrap_or(&mut none);
        let most = (*own).min(together);
        let allowed = match kind {
            Kind::Fine if *asked > most => 0,
            Kind::Social | Kind::Loan | Kind::Fine => (*asked).min(most),
        };
        let article = if allowed < *asked && together < *own {
            TOGETHER
        } else {
            kind.article()
        };
        *own -= allowed;
        together -= allowed;
        deductions.push(Deduction {
            asked: *asked,
            allowed,
            article,
        });
    }
    deductions
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(gross: i64, asked: &[(Kind, i64)]) -> Vec<(i64, &'static str)> {
        let deductions = deduct(gross, asked);
        deductions.into_iter().map(|one| (one.allowed, one.article)).collect()
    }

    #[test]
    fn each_kind_has_its_limit_and_all_have_one() {
        use Kind::{Fine, Loan, Social};
        // 3,000 SAR: 300 for loans, 500 for fines, 1,500 together.
        let all = [(Social, 29_250), (Loan, 50_000), (Fine, 20_000), (Fine, 40_000)];
        assert_eq!(
            allowed(300_000, &all),
            [
                (29_250, "Labour Law, Art. 92(2)"),
                (30_000, "Labour Law, Art. 92(1)"),
                (20_000, "Labour Law, Art. 70"),
                (0, "Labour Law, Art. 70"),
            ]
        );
        assert_eq!(
            allowed(300_000, &[(Social, 145_000), (Loan, 10_000)])[1],
            (5_000, TOGETHER)
        );
        assert_eq!(allowed(0, &[(Loan, 10_000)])[0].0, 0);
    }

    proptest! {
        #[test]
        fn net_keeps_half_of_the_gross(gross in 0..2_000_000_i64, social in 0..300_000_i64, loan in 0..900_000_i64, fines in proptest::collection::vec(1..300_000_i64, 0..6)) {
            let mut asked = vec![(Kind::Social, social), (Kind::Loan, loan)];
            asked.extend(fines.into_iter().map(|fine| (Kind::Fine, fine)));
            let deductions = deduct(gross, &asked);
            let sum: i64 = deductions.iter().map(|one| one.allowed).sum();
            prop_assert!(sum <= gross / 2);
            prop_assert!(deductions[1].allowed <= gross / 10);
            prop_assert!(deductions[2..].iter().map(|one| one.allowed).sum::<i64>() <= gross * 5 / 30);
            for one in deductions {
                prop_assert!(0 <= one.allowed && one.allowed <= one.asked);
            }
        }
    }
}
