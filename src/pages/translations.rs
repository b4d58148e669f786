//! The words of the pages, in each of their languages.

use crate::values::{Language, PartialDate};

pub(super) struct Translations {
    pub(super) direction: &'static str,
    /// The language's own name for itself.
    pub(super) endonym: &'static str,
    pub(super) tagline: &'static str,
    pub(super) description: &'static str,
    pub(super) documentation: &'static str,
    pub(super) languages: &'static str,
    pub(super) explorer: &'static str,
    pub(super) explorer_lead: &'static str,
    pub(super) explorer_needs_script: &'static str,
    pub(super) openapi: &'static str,
    pub(super) errors: &'static str,
    pub(super) errors_lead: &'static str,
    pub(super) whole_errors: &'static str,
    pub(super) single_faults: &'static str,
    pub(super) search: &'static str,
    pub(super) search_label: &'static str,
    pub(super) search_hint: &'static str,
    pub(super) search_within: &'static str,
    pub(super) everything: &'static str,
    pub(super) search_nothing: &'static str,
    pub(super) search_no_words: &'static str,
    pub(super) search_too_long: &'static str,
    pub(super) previous: &'static str,
    pub(super) next: &'static str,
    pub(super) held: &'static str,
    pub(super) latest: &'static str,
    pub(super) no_meetings: &'static str,
    pub(super) no_pledges: &'static str,
    pub(super) restated_only: &'static str,
    pub(super) sums: &'static str,
    pub(super) beyond_pledged: &'static str,
    pub(super) up_to: &'static str,
    pub(super) at_least: &'static str,
    /// Pledges that state no upper bound.
    pub(super) without_bound: &'static str,
    /// What is said for a dash.
    pub(super) no_figure: &'static str,
    /// Up to their number.
    pub(super) without_amount: &'static str,
    /// What a meeting announced as a whole, up to the currency's code.
    pub(super) as_a_whole: &'static str,
    pub(super) amount: &'static str,
    pub(super) announced: &'static str,
    pub(super) need: &'static str,
    pub(super) counted: &'static str,
    pub(super) gap: &'static str,
    pub(super) none_in_currency: &'static str,
    pub(super) bounds_only: &'static str,
    pub(super) as_json: &'static str,
    pub(super) private: &'static str,
    pub(super) private_lead: &'static str,
    pub(super) private_how: &'static str,
    pub(super) meaning: &'static str,
    pub(super) mend: &'static str,
    pub(super) statuses: &'static str,
    pub(super) example: &'static str,
    pub(super) stands_within: &'static str,
    /// The first day of a month.
    first: &'static str,
    months: [&'static str; 12],
    pub(super) comma: &'static str,
}

static ENGLISH: Translations = Translations {
    direction: "ltr",
    endonym: "English",
    tagline: "What was promised, and what became of it",
    description: "The register of record for what states and international organisations promise at their meetings: who promised what, where, who says so, and what was paid since.",
    documentation: "The resources are below /v1 and answer in JSON; /openapi.json describes them, /docs lets you try them, and /problems explains every error.",
    languages: "Languages",
    explorer: "Try the API",
    explorer_lead: "Every path of the register, to read and to try.",
    explorer_needs_script: "The explorer is a script, and this browser does not run it. The description of the API is at /openapi.json.",
    openapi: "OpenAPI description",
    errors: "Errors explained",
    errors_lead: "Every error of the register has a code. Each has a page: what it means, and how to mend it.",
    whole_errors: "Codes of a whole answer",
    single_faults: "Codes of single faults, in errors",
    search: "Search",
    search_label: "Search the register",
    search_hint: "A word, a name, a place …",
    search_within: "Within",
    everything: "Everything",
    search_nothing: "Nothing was found. Fewer words find more.",
    search_no_words: "There is no word to search for here: give at least one that says something.",
    search_too_long: "That is more than 1,000 characters: search for fewer words.",
    previous: "Previous page",
    next: "Next page",
    held: "What the register holds",
    latest: "Latest meetings",
    no_meetings: "The register holds no meeting yet.",
    no_pledges: "No pledge is on record.",
    restated_only: "Its pledges repeat earlier ones, and are counted where those were made.",
    sums: "Sums by currency",
    beyond_pledged: "beyond what was pledged",
    up_to: "up to",
    at_least: "at least",
    without_bound: "without an upper bound:",
    no_figure: "no figure",
    without_amount: "Pledges without an amount:",
    as_a_whole: "For the meeting as a whole, in",
    amount: "Amount",
    announced: "Announced in all",
    need: "Said to be needed",
    counted: "Register's sum",
    gap: "Gap",
    none_in_currency: "No pledge in this currency is on record, so there is no sum to hold beside it.",
    bounds_only: "The pledges in this currency state bounds only, so there is no one sum to hold beside it.",
    as_json: "Totals as JSON",
    private: "This register is private",
    private_lead: "What it holds is shown to holders of a key only.",
    private_how: "Ask those who run it for a reader's key; they make one with `pledgebook key create --name <name> --role reader`. Then send it with every request, in the header `Authorization: Bearer <key>`.",
    meaning: "What it means",
    mend: "How to mend it",
    statuses: "Comes with status",
    example: "An example",
    stands_within: "It stands in `errors`, within an answer whose code is",
    first: "1",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    comma: ", ",
};

static ARABIC: Translations = Translations {
    direction: "rtl",
    endonym: "العربية",
    tagline: "ما الذي وُعد به، وإلامَ آل",
    description: "السجل المرجعي لما تتعهد به الدول والمنظمات الدولية في اجتماعاتها: من تعهّد، وبماذا، وأين، ومن يقول ذلك، وما الذي دُفع منذ ذلك الحين.",
    documentation: "الموارد كلها تحت ‎/v1 وتجيب بصيغة JSON؛ ويصفها ‎/openapi.json، ويمكن تجربتها في ‎/docs، ويشرح ‎/problems كل خطأ.",
    languages: "اللغات",
    explorer: "جرّب الواجهة البرمجية",
    explorer_lead: "كل مسارات السجل، للقراءة والتجربة.",
    explorer_needs_script: "المستكشف برنامج نصي لا يشغّله هذا المتصفح. وصف الواجهة في ‎/openapi.json.",
    openapi: "وصف OpenAPI",
    errors: "شرح الأخطاء",
    errors_lead: "لكل خطأ في السجل رمز، ولكل رمز صفحة تشرح معناه وكيفية إصلاحه.",
    whole_errors: "رموز الجواب كله",
    single_faults: "رموز الأخطاء المفردة، في errors",
    search: "بحث",
    search_label: "ابحث في السجل",
    search_hint: "كلمة أو اسم أو مكان …",
    search_within: "ضمن",
    everything: "الكل",
    search_nothing: "لم يُعثر على شيء. كلمات أقل تجد أكثر.",
    search_no_words: "ليس هنا ما يُبحث عنه: اكتب كلمة واحدة على الأقل لها معنى.",
    search_too_long: "هذا أكثر من 1000 محرف: ابحث عن كلمات أقل.",
    previous: "الصفحة السابقة",
    next: "الصفحة التالية",
    held: "محتوى السجل",
    latest: "أحدث الاجتماعات",
    no_meetings: "لا يضم السجل أي اجتماع بعد.",
    no_pledges: "لا تعهّد مسجّلا.",
    restated_only: "تعهداته تكرار لتعهدات سابقة، وتُحتسب حيث أُعلنت أول مرة.",
    sums: "المجاميع بحسب العملة",
    beyond_pledged: "فوق ما تُعهّد به",
    up_to: "حتى",
    at_least: "على الأقل",
    without_bound: "بلا حد أعلى:",
    no_figure: "لا رقم",
    without_amount: "تعهدات بلا مبلغ:",
    as_a_whole: "للاجتماع ككل، بعملة",
    amount: "المبلغ",
    announced: "المعلَن إجمالا",
    need: "الاحتياجات المعلنة",
    counted: "مجموع السجل",
    gap: "الفارق",
    none_in_currency: "لا تعهّد مسجّلا بهذه العملة، فلا مجموع يُقارَن به.",
    bounds_only: "تعهدات هذه العملة لا تذكر إلا حدودا، فلا مجموع واحدا يُقارَن به.",
    as_json: "المجاميع بصيغة JSON",
    private: "هذا السجل خاص",
    private_lead: "لا يُعرض محتواه إلا على حاملي المفاتيح.",
    private_how: "اطلب مفتاح قارئ من القائمين على السجل، وهم ينشئونه بالأمر `pledgebook key create --name <name> --role reader`. ثم أرسله مع كل طلب في الترويسة `Authorization: Bearer <key>`.",
    meaning: "المعنى",
    mend: "كيفية الإصلاح",
    statuses: "يرد مع الحالة",
    example: "مثال",
    stands_within: "يرد في `errors` ضمن جواب رمزه",
    first: "1",
    months: [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    comma: "، ",
};

static FRENCH: Translations = Translations {
    direction: "ltr",
    endonym: "Français",
    tagline: "Ce qui fut promis, et ce qu'il en est advenu",
    description: "Le registre de référence de ce que les États et les organisations internationales promettent à leurs réunions : qui a promis quoi, où, qui le dit, et ce qui a été payé depuis.",
    documentation: "Les ressources se trouvent sous /v1 et répondent en JSON ; /openapi.json les décrit, /docs permet de les essayer, et /problems explique chaque erreur.",
    languages: "Langues",
    explorer: "Essayer l'API",
    explorer_lead: "Tous les chemins du registre, à lire et à essayer.",
    explorer_needs_script: "L'explorateur est un script que ce navigateur n'exécute pas. La description de l'API se trouve à /openapi.json.",
    openapi: "Description OpenAPI",
    errors: "Les erreurs expliquées",
    errors_lead: "Chaque erreur du registre a un code, et chaque code une page : ce qu'il signifie et comment y remédier.",
    whole_errors: "Codes d'une réponse entière",
    single_faults: "Codes de fautes particulières, dans errors",
    search: "Recherche",
    search_label: "Chercher dans le registre",
    search_hint: "Un mot, un nom, un lieu …",
    search_within: "Parmi",
    everything: "Tout",
    search_nothing: "Rien n'a été trouvé. Moins de mots en trouvent plus.",
    search_no_words: "Il n'y a pas ici de mot à chercher : donnez-en au moins un qui dise quelque chose.",
    search_too_long: "Cela fait plus de 1 000 caractères : cherchez moins de mots.",
    previous: "Page précédente",
    next: "Page suivante",
    held: "Ce que contient le registre",
    latest: "Dernières réunions",
    no_meetings: "Le registre ne contient encore aucune réunion.",
    no_pledges: "Aucune promesse n'est enregistrée.",
    restated_only: "Ses promesses en répètent d'autres, et sont comptées là où celles-ci furent faites.",
    sums: "Sommes par monnaie",
    beyond_pledged: "au-delà de ce qui fut promis",
    up_to: "jusqu'à",
    at_least: "au moins",
    without_bound: "sans limite supérieure :",
    no_figure: "aucun chiffre",
    without_amount: "Promesses sans montant\u{a0}:",
    as_a_whole: "Pour la réunion dans son ensemble, en",
    amount: "Montant",
    announced: "Annoncé au total",
    need: "Besoins déclarés",
    counted: "Somme du registre",
    gap: "Écart",
    none_in_currency: "Aucune promesse n'est enregistrée dans cette monnaie : il n'y a pas de somme à mettre en regard.",
    bounds_only: "Les promesses dans cette monnaie n'énoncent que des bornes : il n'y a pas de somme unique à mettre en regard.",
    as_json: "Totaux en JSON",
    private: "Ce registre est privé",
    private_lead: "Son contenu n'est montré qu'aux détenteurs d'une clé.",
    private_how: "Demandez une clé de lecteur à ses responsables ; ils la créent avec `pledgebook key create --name <nom> --role reader`. Envoyez-la ensuite avec chaque requête, dans l'en-tête `Authorization: Bearer <clé>`.",
    meaning: "Ce que cela signifie",
    mend: "Comment y remédier",
    statuses: "Vient avec le statut",
    example: "Un exemple",
    stands_within: "Il figure dans `errors`, au sein d'une réponse dont le code est",
    first: "1er",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    comma: ", ",
};

impl Translations {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ar => &ARABIC,
            Language::Fr => &FRENCH,
        }
    }

    /// `13 February 2018`, `February 2018` or `2018`.
    fn day(&self, date: PartialDate) -> String {
        let text = date.to_string();
        let mut parts = text.split('-');
        let year = parts.next().unwrap_or_default();
        let month = parts
            .next()
            .and_then(|month| month.parse::<usize>().ok())
            .and_then(|month| self.months.get(month - 1));
        let day = parts.next().map(|day| day.trim_start_matches('0'));
        match (month, day) {
            (Some(month), Some("1")) => format!("{} {month} {year}", self.first),
            (Some(month), Some(day)) => format!("{day} {month} {year}"),
            (Some(month), None) => format!("{month} {year}"),
            _ => year.to_owned(),
        }
    }

    /// From a date to another, without what the two share: `12–14 February 2018`.
    pub(super) fn days(&self, from: PartialDate, to: Option<PartialDate>) -> String {
        let first = self.day(from);
        let Some(to) = to.filter(|to| *to != from) else {
            return first;
        };
        let last = self.day(to);
        let words: [Vec<&str>; 2] = [first.split(' ').collect(), last.split(' ').collect()];
        match words.each_ref().map(Vec::as_slice) {
            [[day, month, year], [_, other, same]] if month == other && year == same => {
                format!("{day}–{last}")
            }
            [[head @ .., year], [others @ .., same]]
                if year == same && !head.is_empty() && head.len() == others.len() =>
            {
                format!("{} – {last}", head.join(" "))
            }
            _ => format!("{first} – {last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_they_are_said() {
        let days = |language, from: &str, to: &str| {
            Translations::of(language).days(from.parse().unwrap(), to.parse().ok())
        };
        assert_eq!(days(Language::En, "2018-02-03", ""), "3 February 2018");
        assert_eq!(
            days(Language::En, "2018-02-12", "2018-02-14"),
            "12–14 February 2018"
        );
        assert_eq!(
            days(Language::Fr, "2018-01-31", "2018-02-01"),
            "31 janvier – 1er février 2018"
        );
        assert_eq!(
            days(Language::En, "2017-12-31", "2018-01-01"),
            "31 December 2017 – 1 January 2018"
        );
        assert_eq!(days(Language::Ar, "2018-02", "2018-02"), "فبراير 2018");
        assert_eq!(days(Language::En, "2018-02", "2018-03"), "February – March 2018");
        assert_eq!(days(Language::En, "2018", "2019"), "2018 – 2019");
        assert_eq!(
            days(Language::En, "2018-02", "2018-02-14"),
            "February 2018 – 14 February 2018"
        );
    }
}
