"""huanxin vouchers audit-draw: no database, no sign-in; the exit code says whether it comes out."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from huanxin.project.cli import main
from tests.vouchers.test_draw_audit import published


def run(*words):
    return CliRunner().invoke(main, ["vouchers", "audit-draw", *words])


@pytest.fixture
def saved(tmp_path):
    def save(document):
        file = tmp_path / "draw.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        return str(file)

    return save


def test_an_untouched_draw_ends_with_zero(saved):
    document = published()
    result = run(saved(document), "--noted", document["commitment"])
    assert result.exit_code == 0
    assert "全部算得出来" in result.output


def test_a_swapped_rank_ends_with_one_and_is_named(saved):
    document = published()
    ranks = document["ranking"]
    ranks[4], ranks[5] = ranks[5], ranks[4]
    result = run(saved(document), "--json")
    assert result.exit_code == 1
    fault = json.loads(result.output)["fault"]
    assert fault["step"] == "ranking"
    assert fault["say"].startswith("第 5 位应为")


def test_what_was_noted_before_has_to_be_in_it(saved):
    result = run(saved(published()), "--noted", "ab" * 32)
    assert result.exit_code == 1
    assert "不在文件里" in result.output


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "other"}'])
def test_what_is_no_draw_is_refused(tmp_path, text):
    file = tmp_path / "draw.json"
    file.write_text(text, encoding="utf-8")
    assert run(str(file)).exit_code == 2
    assert run(str(tmp_path / "absent.json")).exit_code == 2


def test_a_document_is_fetched_by_its_address():
    body = json.dumps(published()).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert run(f"http://127.0.0.1:{server.server_port}/draw.json").exit_code == 0
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
