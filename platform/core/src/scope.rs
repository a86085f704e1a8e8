//! Whose a row is, as a condition over the tables that say so.

use platform_resource::{Kind, Resource, Scope};

use crate::Registry;

/// The numbers of bound values: the organization, and the member who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// Number of the organization.
    pub organization: usize,
    /// Number of the member.
    pub member: usize,
}

/// No chain of rows that belong to rows is longer.
const DEEPEST: usize = 4;

impl Registry {
    /// The condition that the row `alias` of a resource is within a scope of the member who asks. Names come from
    /// declarations; whoever asks is bound. What belongs to nobody is in no scope but all.
    pub fn within(&self, resource: &Resource, scope: Scope, alias: &str, asker: Asker) -> String {
        match scope {
            Scope::All => "true".to_owned(),
            Scope::Own | Scope::Team => self.of(resource, scope == Scope::Team, alias, asker, 0),
        }
    }

    fn of(&self, resource: &Resource, team: bool, alias: &str, asker: Asker, depth: usize) -> String {
        let Asker { organization, member } = asker;
        let nobodys = || "false".to_owned();
        let Some(field) = resource.owner.and_then(|owner| resource.field(owner)) else {
            return nobodys();
        };
        let column = format!("{alias}.\"{}\"", field.name);
        match field.kind {
            Kind::Member => {
                let own = format!("{column} = ${member}");
                let leader = resource
                    .leader
                    .map(|leader| format!("{alias}.\"{leader}\" = ${member}"));
                match leader.or_else(|| self.led(&column, asker)).filter(|_| team) {
                    Some(led) => format!("({own} OR {led})"),
                    None => own,
                }
            }
            Kind::Reference { to } if depth < DEEPEST => match self.resource(to) {
                Some(target) => {
                    let inner = format!("o{depth}");
                    let condition = self.of(target, team, &inner, asker, depth + 1);
                    format!(
                        "{column} IN (SELECT {inner}.id FROM {to} {inner} WHERE {inner}.organization_id = \
                         ${organization} AND {inner}.deleted_at IS NULL AND {condition})"
                    )
                }
                None => nobodys(),
            },
            _ => nobodys(),
        }
    }

    /// The condition that a column names a member whom the asker leads.
    fn led(&self, column: &str, asker: Asker) -> Option<String> {
        let Asker { organization, member } = asker;
        let people = self.resources().find(|resource| resource.leader.is_some())?;
        Some(format!(
            "{column} IN (SELECT p.\"{}\" FROM {} p WHERE p.organization_id = ${organization} AND p.deleted_at IS NULL \
             AND p.\"{}\" = ${member})",
            people.owner?,
            people.full_name(),
            people.leader?
        ))
    }

    /// Proves that whoever a row belongs to can be found: a member at the end of references that exist.
    pub(crate) fn prove_owner(&self, resource: &Resource) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{} is owned by {what}", resource.full_name()));
        let mut at = resource;
        for _ in 0..=DEEPEST {
            let Some(field) = at.owner.and_then(|owner| at.field(owner)) else {
                return wrong("nobody");
            };
            match field.kind {
                Kind::Member => return Ok(()),
                Kind::Reference { to } => match self.resource(to) {
                    Some(target) => at = target,
                    // Its module is left out of this build: nobody owns the rows.
                    None => return Ok(()),
                },
                _ => return wrong("what is no member"),
            }
        }
        wrong("too long a chain")
    }
}

#[cfg(test)]
mod tests {
    use platform_resource::{Field, member, reference, text};

    use super::*;
    use crate::Module;

    const PEOPLE_FIELDS: &[Field] = &[text("name", 20).required(), member("person"), member("boss")];
    const TRIP_FIELDS: &[Field] = &[reference("person_id", "yard.people")];
    const STOP_FIELDS: &[Field] = &[reference("trip_id", "yard.trips")];
    const NOTE_FIELDS: &[Field] = &[member("written_by")];
    static PEOPLE: Resource = Resource::new("yard", "people", PEOPLE_FIELDS)
        .owned_by("person")
        .led_by("boss");
    static TRIPS: Resource = Resource::new("yard", "trips", TRIP_FIELDS).owned_by("person_id");
    static STOPS: Resource = Resource::new("yard", "stops", STOP_FIELDS).owned_by("trip_id");
    static NOTES: Resource = Resource::new("yard", "notes", NOTE_FIELDS).owned_by("written_by");
    static SHEDS: Resource = Resource::new("yard", "sheds", NOTE_FIELDS);
    static LOST: Resource = Resource::new("yard", "lost", NOTE_FIELDS).owned_by("finder");

    fn registry(resources: &'static [&'static Resource]) -> Result<Registry, String> {
        Registry::new(vec![Module {
            name: "yard",
            resources,
            locales: ("{}", "{}"),
            ..Module::default()
        }])
    }

    #[test]
    fn follows_references_to_the_member() {
        const ALL: &[&Resource] = &[&PEOPLE, &TRIPS, &STOPS, &NOTES, &SHEDS];
        let registry = registry(ALL).expect("a registry");
        let asker = Asker {
            organization: 1,
            member: 2,
        };
        let within = |resource, scope| registry.within(resource, scope, "t", asker);
        assert_eq!(within(&PEOPLE, Scope::Own), "t.\"person\" = $2");
        assert_eq!(within(&PEOPLE, Scope::Team), "(t.\"person\" = $2 OR t.\"boss\" = $2)");
        assert_eq!(within(&PEOPLE, Scope::All), "true");
        assert_eq!(
            within(&STOPS, Scope::Own),
            "t.\"trip_id\" IN (SELECT o0.id FROM yard.trips o0 WHERE o0.organization_id = $1 AND o0.deleted_at IS NULL \
             AND o0.\"person_id\" IN (SELECT o1.id FROM yard.people o1 WHERE o1.organization_id = $1 \
             AND o1.deleted_at IS NULL AND o1.\"person\" = $2))"
        );
        assert_eq!(
            within(&NOTES, Scope::Team),
            "(t.\"written_by\" = $2 OR t.\"written_by\" IN (SELECT p.\"person\" FROM yard.people p \
             WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.\"boss\" = $2))"
        );
        assert_eq!(within(&SHEDS, Scope::Own), "false");
    }

    #[test]
    fn an_owner_who_is_not_there_is_refused() {
        const WRONG: &[&Resource] = &[&LOST];
        assert!(registry(WRONG).is_err());
    }
}
