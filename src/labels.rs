//! What the words of the register's vocabularies are called, in each language in which it answers: for whoever shows them to
//! people. Each vocabulary's words themselves stand with the feature that has them.

use crate::values::Language;

/// What each word of a vocabulary is called.
pub struct Labels(&'static [(&'static str, Texts)]);

/// In the order of [`Language::ALL`].
type Texts = [&'static str; 3];

impl Labels {
    /// What a word is called; itself, where it is none of this vocabulary.
    #[must_use]
    pub fn of<'a>(&self, word: &'a str, language: Language) -> &'a str {
        let texts = self.0.iter().find(|(known, _)| *known == word);
        texts.map_or(word, |(_, texts)| in_language(texts, language))
    }

    /// The words that it has.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(word, _)| *word)
    }
}

fn in_language(&[ar, en, fr]: &Texts, language: Language) -> &'static str {
    match language {
        Language::Ar => ar,
        Language::En => en,
        Language::Fr => fr,
    }
}

pub static INSTRUMENT: Labels = Labels(&[
    ("grant", ["منحة", "Grant", "Don"]),
    ("loan", ["قرض", "Loan", "Prêt"]),
    ("credit_line", ["خط ائتمان", "Credit line", "Ligne de crédit"]),
    ("guarantee", ["ضمان", "Guarantee", "Garantie"]),
    (
        "export_credit",
        ["ائتمان صادرات", "Export credit", "Crédit à l'exportation"],
    ),
    ("investment", ["استثمار", "Investment", "Investissement"]),
    (
        "in_kind",
        ["مساهمة عينية", "In-kind contribution", "Contribution en nature"],
    ),
    (
        "technical",
        ["مساعدة فنية", "Technical assistance", "Assistance technique"],
    ),
    (
        "military",
        ["مساعدة عسكرية", "Military assistance", "Assistance militaire"],
    ),
    (
        "debt_relief",
        ["تخفيف أعباء الديون", "Debt relief", "Allègement de dette"],
    ),
    (
        "political",
        ["التزام سياسي", "Political commitment", "Engagement politique"],
    ),
    ("unspecified", ["غير محدد", "Not specified", "Non précisé"]),
]);

pub static QUALIFIER: Labels = Labels(&[
    ("exact", ["بالتحديد", "Exactly", "Exactement"]),
    ("about", ["نحو", "About", "Environ"]),
    ("up_to", ["حتى", "Up to", "Jusqu'à"]),
    ("at_least", ["على الأقل", "At least", "Au moins"]),
    ("between", ["بين حدّين", "Between", "Entre"]),
]);

/// Of a pledge.
pub static STATE: Labels = Labels(&[
    ("open", ["قائم", "Open", "Ouverte"]),
    ("in_progress", ["قيد التنفيذ", "In progress", "En cours"]),
    (
        "partly_paid",
        ["مدفوع جزئيا", "Partly paid", "Partiellement payée"],
    ),
    ("frozen", ["مجمَّد", "Frozen", "Gelée"]),
    ("fulfilled", ["تم الوفاء به", "Fulfilled", "Tenue"]),
    ("withdrawn", ["مسحوب", "Withdrawn", "Retirée"]),
    ("restated", ["مُعاد إعلانه", "Restated", "Réitérée"]),
]);

/// Of an event.
pub static STAGE: Labels = Labels(&[
    ("started", ["بدء التنفيذ", "Started", "Début d'exécution"]),
    ("completed", ["اكتمال التنفيذ", "Completed", "Achèvement"]),
    (
        "rescheduled",
        ["تأجيل الموعد", "Rescheduled", "Report d'échéance"],
    ),
    ("committed", ["التزام مالي", "Committed", "Engagement"]),
    ("paid", ["دفع", "Paid", "Paiement"]),
    ("frozen", ["تجميد", "Frozen", "Gel"]),
    ("released", ["رفع التجميد", "Released", "Dégel"]),
    ("redirected", ["تحويل إلى غرض آخر", "Redirected", "Réaffectation"]),
    ("withdrawn", ["سحب", "Withdrawn", "Retrait"]),
    ("expired", ["انقضاء الأجل", "Expired", "Expiration"]),
    ("increased", ["زيادة", "Increased", "Augmentation"]),
    ("reduced", ["تخفيض", "Reduced", "Réduction"]),
]);

/// Of who attends a meeting.
pub static ROLE: Labels = Labels(&[
    ("host", ["مضيف", "Host", "Hôte"]),
    ("co_chair", ["رئيس مشارك", "Co-chair", "Coprésident"]),
    ("member", ["عضو", "Member", "Membre"]),
    ("observer", ["مراقب", "Observer", "Observateur"]),
]);

pub static PARTICIPANT_KIND: Labels = Labels(&[
    ("state", ["دولة", "State", "État"]),
    (
        "igo",
        [
            "منظمة حكومية دولية",
            "Intergovernmental organisation",
            "Organisation intergouvernementale",
        ],
    ),
    (
        "ifi",
        [
            "مؤسسة مالية دولية",
            "International financial institution",
            "Institution financière internationale",
        ],
    ),
    (
        "ngo",
        [
            "منظمة غير حكومية",
            "Non-governmental organisation",
            "Organisation non gouvernementale",
        ],
    ),
    ("fund", ["صندوق", "Fund", "Fonds"]),
    ("private", ["قطاع خاص", "Private sector", "Secteur privé"]),
]);

pub static MEETING_KIND: Labels = Labels(&[
    (
        "ministerial",
        ["اجتماع وزاري", "Ministerial meeting", "Réunion ministérielle"],
    ),
    ("summit", ["قمة", "Summit", "Sommet"]),
    (
        "pledging_conference",
        ["مؤتمر مانحين", "Pledging conference", "Conférence de donateurs"],
    ),
    (
        "working_group",
        ["فريق عامل", "Working group", "Groupe de travail"],
    ),
    ("other", ["اجتماع آخر", "Other meeting", "Autre réunion"]),
]);

pub static ARTICLE_KIND: Labels = Labels(&[
    ("news", ["خبر", "News", "Article de presse"]),
    ("communique", ["بيان", "Communiqué", "Communiqué"]),
    (
        "press_release",
        ["بيان صحفي", "Press release", "Communiqué de presse"],
    ),
    ("speech", ["خطاب", "Speech", "Discours"]),
    ("report", ["تقرير", "Report", "Rapport"]),
    ("dataset", ["مجموعة بيانات", "Dataset", "Jeu de données"]),
    ("other", ["مصدر آخر", "Other source", "Autre source"]),
]);

pub static ASSESSMENT_KIND: Labels = Labels(&[
    ("interim", ["مرحلي", "Interim", "Intermédiaire"]),
    ("final", ["نهائي", "Final", "Finale"]),
]);

/// Of a participant to a collective pledge.
pub static STANCE: Labels = Labels(&[
    ("adopted", ["اعتماد", "Adopted", "Adoption"]),
    ("reserved", ["تحفّظ", "Reserved", "Réserve"]),
    ("dissociated", ["نأي بالنفس", "Dissociated", "Dissociation"]),
    ("joined", ["انضمام", "Joined", "Adhésion"]),
    ("withdrew", ["انسحاب", "Withdrew", "Retrait"]),
]);

/// By what somebody adheres, and why a cell of a matrix is there.
pub static ADHERENCE: Labels = Labels(&[
    ("statement", ["بيان", "Statement", "Déclaration"]),
    ("attendance", ["حضور", "Attendance", "Présence"]),
    ("pledge", ["تعهّد", "Pledge", "Promesse"]),
]);

/// Of an assessor's verdict.
pub static MEANING: Labels = Labels(&[
    ("kept", ["تم الوفاء به", "Kept", "Tenue"]),
    ("partly", ["تم الوفاء به جزئيا", "Partly kept", "Tenue en partie"]),
    ("not_kept", ["لم يُوفَ به", "Not kept", "Non tenue"]),
    ("no_evidence", ["لا دليل", "No evidence", "Aucun élément probant"]),
    ("not_yet", ["لم يحن أوانه", "Not yet", "Pas encore"]),
]);

/// Why a pledge is not in a total, or not in full.
pub static EXCLUDED_BECAUSE: Labels = Labels(&[
    (
        "restated",
        [
            "إعادة إعلان لتعهّد سابق",
            "Restates an earlier pledge",
            "Réitère une promesse antérieure",
        ],
    ),
    (
        "covered_by_children",
        ["تغطيه أجزاؤه", "Covered by its parts", "Couverte par ses parties"],
    ),
    (
        "part_of_parent",
        [
            "جزء من تعهّد آخر",
            "Part of another pledge",
            "Partie d'une autre promesse",
        ],
    ),
    ("has_children", ["له أجزاء", "Has parts", "A des parties"]),
    (
        "other_instrument",
        ["أداة أخرى", "Another instrument", "Autre instrument"],
    ),
    (
        "not_a_member",
        [
            "ليس عضوا في التحالف",
            "Not a member of the coalition",
            "Non membre de la coalition",
        ],
    ),
    (
        "no_coalition",
        [
            "اجتماع بلا تحالف",
            "Meeting without a coalition",
            "Réunion sans coalition",
        ],
    ),
]);

/// How a pledge is in a total.
pub static COUNTED_AS: Labels = Labels(&[
    ("as_announced", ["كما أُعلن", "As announced", "Telle qu'annoncée"]),
    (
        "remainder",
        [
            "ما يزيد على أجزائه",
            "What its parts do not cover",
            "Ce que ses parties ne couvrent pas",
        ],
    ),
    ("whole", ["كاملا", "In full", "En entier"]),
    (
        "restatement_included",
        [
            "إعادة إعلان محتسبة",
            "Restatement, counted",
            "Réitération, comptée",
        ],
    ),
    ("unquantified", ["بلا مبلغ", "Without an amount", "Sans montant"]),
]);

/// Whether totals count them.
pub static RESTATEMENTS: Labels = Labels(&[
    ("exclude", ["لا تُحتسب", "Left out", "Non comptées"]),
    ("include", ["تُحتسب", "Counted", "Comptées"]),
]);

/// What of pledges with parts totals count.
pub static PARENTS: Labels = Labels(&[
    (
        "remainder",
        [
            "الأجزاء وما يزيد عليها",
            "Parts, and what is beyond them",
            "Les parties et ce qui les dépasse",
        ],
    ),
    (
        "only",
        [
            "التعهدات الكاملة وحدها",
            "Whole pledges alone",
            "Les promesses entières seules",
        ],
    ),
    ("children", ["الأجزاء وحدها", "Parts alone", "Les parties seules"]),
]);

/// What totals are grouped by.
pub static DIMENSION: Labels = Labels(&[
    ("meeting", ["الاجتماع", "Meeting", "Réunion"]),
    ("coalition", ["التحالف", "Coalition", "Coalition"]),
    ("participant", ["المشارك", "Participant", "Participant"]),
    (
        "participant_kind",
        ["نوع المشارك", "Kind of participant", "Type de participant"],
    ),
    ("instrument", ["الأداة", "Instrument", "Instrument"]),
    ("state", ["الحالة", "State", "État"]),
    ("beneficiary", ["المستفيد", "Beneficiary", "Bénéficiaire"]),
    ("currency", ["العملة", "Currency", "Monnaie"]),
    ("year", ["السنة", "Year", "Année"]),
    ("month", ["الشهر", "Month", "Mois"]),
    (
        "tranche_year",
        ["سنة الشريحة", "Year of the tranche", "Année de la tranche"],
    ),
    ("stage", ["المرحلة", "Stage", "Étape"]),
]);

/// Of totals.
pub static FIGURE: Labels = Labels(&[
    ("pledges", ["التعهدات", "Pledges", "Promesses"]),
    ("unquantified", ["بلا مبلغ", "Without an amount", "Sans montant"]),
    (
        "unbounded",
        ["بلا حد أعلى", "Without an upper bound", "Sans limite supérieure"],
    ),
    ("min", ["الحد الأدنى", "Minimum", "Minimum"]),
    ("point", ["المتعهَّد به", "Pledged", "Promis"]),
    ("max", ["الحد الأقصى", "Maximum", "Maximum"]),
    ("committed", ["الملتزَم به", "Committed", "Engagé"]),
    ("paid", ["المدفوع", "Paid", "Payé"]),
    // All that is lost of a promise.
    (
        "withdrawn",
        [
            "ما سُحب أو حُوّل إلى غرض آخر أو انقضى أجله",
            "Withdrawn, redirected or expired",
            "Retiré, réaffecté ou expiré",
        ],
    ),
    ("outstanding", ["المتبقي", "Outstanding", "Reste à payer"]),
]);

/// Of totals of events.
pub static EVENT_FIGURE: Labels = Labels(&[
    ("events", ["الأحداث", "Events", "Événements"]),
    ("committed", ["الملتزَم به", "Committed", "Engagé"]),
    ("paid", ["المدفوع", "Paid", "Payé"]),
    ("redirected", ["المحوَّل إلى غرض آخر", "Redirected", "Réaffecté"]),
    ("withdrawn", ["المسحوب", "Withdrawn", "Retiré"]),
    ("expired", ["المنقضي أجله", "Expired", "Expiré"]),
    ("increased", ["الزيادة", "Increased", "Augmenté"]),
    ("reduced", ["التخفيض", "Reduced", "Réduit"]),
]);

/// Of a matrix.
pub static MATRIX_KIND: Labels = Labels(&[
    (
        "political",
        [
            "الالتزامات السياسية",
            "Political commitments",
            "Engagements politiques",
        ],
    ),
    ("all", ["كل التعهدات", "All pledges", "Toutes les promesses"]),
]);

/// Of the log.
pub static CHANGE_OP: Labels = Labels(&[
    ("create", ["إنشاء", "Created", "Création"]),
    ("update", ["تعديل", "Changed", "Modification"]),
    ("retract", ["سحب", "Retracted", "Retrait"]),
    ("restore", ["استعادة", "Restored", "Rétablissement"]),
]);

/// Many of each.
pub static RESOURCE: Labels = Labels(&[
    ("participants", ["المشاركون", "Participants", "Participants"]),
    ("coalitions", ["التحالفات", "Coalitions", "Coalitions"]),
    ("members", ["الأعضاء", "Members", "Membres"]),
    ("meetings", ["الاجتماعات", "Meetings", "Réunions"]),
    ("attendance", ["الحضور", "Attendance", "Présence"]),
    ("articles", ["المقالات", "Articles", "Articles"]),
    ("pledges", ["التعهدات", "Pledges", "Promesses"]),
    ("events", ["الأحداث", "Events", "Événements"]),
    ("adherents", ["المنضمّون", "Adherents", "Adhérents"]),
    ("assessments", ["التقييمات", "Assessments", "Évaluations"]),
    ("citations", ["الاستشهادات", "Citations", "Citations"]),
    ("rates", ["أسعار الصرف", "Exchange rates", "Taux de change"]),
    ("scales", ["المقاييس", "Scales", "Échelles"]),
    ("keys", ["المفاتيح", "Keys", "Clés"]),
]);

pub static KEY_ROLE: Labels = Labels(&[
    ("reader", ["قارئ", "Reader", "Lecteur"]),
    ("editor", ["محرر", "Editor", "Rédacteur"]),
    ("admin", ["مدير", "Administrator", "Administrateur"]),
]);

/// Why a hit was found.
pub static WHY: Labels = Labels(&[
    ("exact", ["تطابق تام", "Exact match", "Correspondance exacte"]),
    ("name", ["في الاسم", "In the name", "Dans le nom"]),
    (
        "name_by_stem",
        [
            "في الاسم بصيغة أخرى",
            "In the name, in another form",
            "Dans le nom, sous une autre forme",
        ],
    ),
    ("quote", ["في اقتباس", "In a quote", "Dans une citation"]),
    (
        "quote_by_stem",
        [
            "في اقتباس بصيغة أخرى",
            "In a quote, in another form",
            "Dans une citation, sous une autre forme",
        ],
    ),
    (
        "purpose",
        [
            "في الغرض أو المكان أو الأشخاص",
            "In the purpose, place or persons",
            "Dans l'objet, le lieu ou les personnes",
        ],
    ),
    (
        "purpose_by_stem",
        [
            "في الغرض أو المكان أو الأشخاص بصيغة أخرى",
            "In the purpose, place or persons, in another form",
            "Dans l'objet, le lieu ou les personnes, sous une autre forme",
        ],
    ),
    ("body", ["في النص", "In the text", "Dans le texte"]),
    (
        "body_by_stem",
        [
            "في النص بصيغة أخرى",
            "In the text, in another form",
            "Dans le texte, sous une autre forme",
        ],
    ),
]);

/// What hits of a search are counted by.
pub static FACET: Labels = Labels(&[
    (
        "resource",
        ["نوع القيد", "Kind of record", "Type d'enregistrement"],
    ),
    ("language", ["اللغة", "Language", "Langue"]),
    ("publisher", ["الناشر", "Publisher", "Éditeur"]),
    ("year", ["السنة", "Year", "Année"]),
    ("meeting", ["الاجتماع", "Meeting", "Réunion"]),
]);

/// Of rates.
pub static PLAUSIBILITY: Labels = Labels(&[
    ("checked", ["خضع للتحقق", "Checked", "Vérifié"]),
    ("waived", ["أُعفي من التحقق", "Waived", "Dispensé de vérification"]),
]);

pub static LANGUAGE: Labels = Labels(&[
    ("ar", ["العربية", "Arabic", "Arabe"]),
    ("en", ["الإنجليزية", "English", "Anglais"]),
    ("fr", ["الفرنسية", "French", "Français"]),
]);
