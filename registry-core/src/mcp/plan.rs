//! Which questions one visit asks: two at most, the second because of the answer to the first (discovery 10).

use url::Url;

use super::answer::Answer;
use super::judge::{Finding, Verdict, judge};
use super::request::{Opening, Question};

/// How many questions one visit asks.
const MOST: usize = 2;

/// A visit to one endpoint.
#[derive(Debug, Clone)]
pub struct Plan {
    asked: Vec<Question>,
    /// The best that is known so far.
    known: Option<Verdict>,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Ask this.
    Ask(Question),
    /// Nothing more: this was found.
    Done(Box<Verdict>),
}

impl Plan {
    /// A visit and its first question.
    pub fn opening(opening: Opening) -> (Self, Question) {
        let question = opening.question();
        (Self { asked: vec![question.clone()], known: None }, question)
    }

    /// Takes in an answer to the last question, which came from `url`.
    pub fn heard(&mut self, answer: &Answer, url: &Url) -> Step {
        let Some(question) = self.asked.last() else { return Step::Done(Box::new(self.best())) };
        let judged = judge(question, answer, url);
        self.learn(judged.verdict);
        match judged.then {
            Some(next) if self.asked.len() < MOST && !self.asked.contains(&next) => {
                self.asked.push(next.clone());
                Step::Ask(next)
            }
            Some(next) => {
                let is_new = !self.asked.iter().any(|asked| asked.opening() == next.opening());
                let mut best = self.best();
                // A living server is asked by the way it answered to; a dead end is tried the other way next time.
                let is_dead_end = matches!(best.finding, Finding::NotMcp | Finding::Unreachable);
                best.untried = Some(next.opening()).filter(|_| is_new && is_dead_end);
                Step::Done(Box::new(best))
            }
            None => Step::Done(Box::new(self.best())),
        }
    }

    /// Takes in that there was no answer to the last question, for this reason.
    pub fn failed(&mut self, finding: Finding, reason: &str) -> Verdict {
        self.learn(Verdict::new(finding, reason));
        self.best()
    }

    /// What was asked so far.
    pub fn asked(&self) -> &[Question] {
        &self.asked
    }

    /// The later answer counts, unless an earlier one showed life and it does not, or showed more of it.
    fn learn(&mut self, verdict: Verdict) {
        let keeps = self.known.as_ref().is_some_and(|known| {
            let says_more = known.live.is_some() && verdict.live.is_none();
            known.finding.is_alive() && (!verdict.finding.is_alive() || says_more)
        });
        if !keeps {
            self.known = Some(verdict);
        }
    }

    fn best(&self) -> Verdict {
        self.known.clone().unwrap_or_else(|| Verdict::new(Finding::Inconclusive, "nothing was asked"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use serde_json::json;

    use crate::mcp::{HTTP_SSE, LEGACY};

    fn url() -> Url {
        Url::parse("https://mcp.acme.com/mcp").expect("an address")
    }

    fn answer(question: &Question, status: u16, body: &str) -> Answer {
        Answer::read(status, &HeaderMap::new(), body.as_bytes(), None, question.request().id.as_ref())
    }

    /// The questions asked and what was found, for these answers.
    fn visit(opening: Opening, answers: &[(u16, String)]) -> (Vec<Question>, Verdict) {
        let (mut plan, mut question) = Plan::opening(opening);
        for (status, body) in answers {
            match plan.heard(&answer(&question, *status, body), &url()) {
                Step::Ask(next) => question = next,
                Step::Done(verdict) => return (plan.asked().to_vec(), *verdict),
            }
        }
        panic!("the visit goes on after {:?}", plan.asked())
    }

    fn error(code: i64) -> String {
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": "m" } }).to_string()
    }

    #[test]
    fn two_questions_are_enough() {
        let initialize = Opening::Initialize.question();
        let (asked, verdict) = visit(Opening::Discover, &[(404, "no".into()), (404, "no".into())]);
        assert_eq!(asked, [Opening::Discover.question(), initialize.clone()]);
        assert_eq!((verdict.finding, verdict.untried), (Finding::NotMcp, Some(Opening::Listen)));
        let (asked, verdict) = visit(Opening::Listen, &[(405, String::new()), (405, String::new())]);
        assert_eq!(asked, [Question::Listen, initialize]);
        assert_eq!((verdict.finding, verdict.untried), (Finding::NotMcp, None));
        let (asked, _) = visit(Opening::Discover, &[(405, String::new()), (404, String::new())]);
        assert_eq!(asked.last(), Some(&Question::Listen));
    }

    #[test]
    fn a_sign_of_life_outlasts_what_follows() {
        for after in [(404, "<html>".to_owned()), (503, String::new()), (500, String::new())] {
            let (_, verdict) = visit(Opening::Discover, &[(400, error(-32000)), after]);
            assert_eq!(verdict.finding, Finding::Alive);
            assert!(verdict.reason.is_some());
        }
        let (_, verdict) = visit(Opening::Discover, &[(404, error(-32601)), (404, error(-32601))]);
        assert_eq!(verdict.finding, Finding::Alive, "the modern transport without `server/discover`");
        let (_, verdict) = visit(Opening::Discover, &[(200, error(-32601)), (200, error(-32601))]);
        assert_eq!(verdict.finding, Finding::NotMcp, "any JSON-RPC server");
    }

    #[test]
    fn a_version_is_negotiated_once() {
        let supported =
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32022, "message": "m", "data": {
            "supported": ["2025-06-18", "2025-03-26", HTTP_SSE] } } })
            .to_string();
        let (asked, verdict) = visit(Opening::Discover, &[(400, supported.clone()), (400, supported)]);
        assert_eq!(asked[1], Question::Initialize("2025-06-18".into()));
        assert_eq!((asked.len(), verdict.finding), (2, Finding::Alive));
        let live = verdict.live.expect("it lives");
        assert_eq!(live.protocol_versions, ["2025-06-18", "2025-03-26", HTTP_SSE]);
    }

    #[test]
    fn the_second_answer_of_a_legacy_server_counts() {
        let result = json!({ "jsonrpc": "2.0", "id": 1, "result": { "protocolVersion": LEGACY[1], "capabilities": {} } });
        let (_, verdict) = visit(Opening::Discover, &[(400, error(-32600)), (200, result.to_string())]);
        assert_eq!(verdict.live.expect("it lives").protocol_versions, [LEGACY[1]]);
        assert!(verdict.session.is_some() && verdict.reason.is_none());
    }

    #[test]
    fn without_an_answer_what_was_known_stays() {
        let (mut plan, question) = Plan::opening(Opening::Discover);
        plan.heard(&answer(&question, 400, &error(-32000)), &url());
        assert_eq!(plan.failed(Finding::Unreachable, "gone").finding, Finding::Alive);
        let (mut plan, _) = Plan::opening(Opening::Discover);
        assert_eq!(plan.failed(Finding::Unreachable, "gone").finding, Finding::Unreachable);
    }
}
