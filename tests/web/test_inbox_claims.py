"""Claims in the inbox: who may see, make and answer them."""

from assent.acts.claims import Plea, Says, make_claim
from tests.web.conftest import Staged, submit


def claimed(staged: Staged) -> int:
    """Have Wren claim that Mara Fen's recording is made of theirs; return the claim."""
    pair = (staged.recordings["Wren"][0], staged.recordings["Mara Fen"][0])
    return make_claim(staged.house, "Wren", pair, Says.MINE, Plea(words="It is my bell.")).number


def test_a_claim_waits_in_the_inbox_of_whom_it_would_harm(staged: Staged) -> None:
    number = claimed(staged)
    page = staged.client("Mara Fen").get("/inbox.json").json()
    assert [it["claim"] for it in page["claims"]] == [number]
    assert staged.client("Wren").get("/inbox.json").json()["claims"] == []
    copies = staged.client("Wren").get("/inbox.json").json()["copies"]
    assert [it["recording"] for it in copies] == staged.recordings["Mara Fen"]


def test_a_claim_is_answered_once_and_by_a_holder(staged: Staged) -> None:
    number = claimed(staged)
    client = staged.client("Mara Fen")
    assert client.get(f"/claims/{number}.json").json()["may_answer"]
    assert submit(client, f"/claims/{number}/answer", words="No.").status_code == 422
    answered = submit(client, f"/claims/{number}/answer", agrees="no", words="It is mine.")
    assert answered.status_code == 303
    page = client.get(f"/claims/{number}.json").json()
    assert [(it["name"], it["agrees"]) for it in page["answers"]] == [("Mara Fen", False)]
    assert not page["may_answer"]
    assert client.get("/inbox.json").json()["claims"] == []
    again = submit(client, f"/claims/{number}/answer", agrees="yes", words="Well.")
    assert again.status_code == 422


def test_who_holds_neither_sees_no_claim_and_makes_none(staged: Staged) -> None:
    number = claimed(staged)
    client = staged.client("Lio")
    assert client.get(f"/claims/{number}").status_code == 404
    refused = submit(client, f"/claims/{number}/answer", agrees="yes", words="Yes.")
    assert refused.status_code == 404
    assert client.get("/claims/new/r2/r0").status_code == 404
    made = submit(client, "/claims/new/r2/r0", says="mine", words="Mine.")
    assert made.status_code == 404


def test_a_claim_is_made_on_the_page_and_seen_by_the_other_side(staged: Staged) -> None:
    client = staged.client("Wren")
    assert client.get("/claims/new/r2/r0").status_code == 200
    made = submit(client, "/claims/new/r2/r0", says="mine", words="<b>My</b> bell.")
    assert made.status_code == 303
    page = staged.client("Mara Fen").get(made.headers["location"])
    assert page.status_code == 200
    assert "&lt;b&gt;My&lt;/b&gt; bell." in page.text
