# 焕新。`make` 不带参数时列出所有目标。适用于 GNU make 3.81 以上。

PYTHON := $(shell for p in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
INSTALL = @test -n "$(PYTHON)" || { echo '需要 Python 3.11 以上（含 venv）。' >&2; exit 1; }; $(PYTHON) requirements/install.py
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo clean-demo serve test test-long check fix docs pictures messages bench lock install install-test
.DEFAULT_GOAL := help

help:  ## 列出所有目标
	@echo '焕新：消费品以旧换新平台。用法：make 目标'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: install  ## 准备好一切并启动演示：数据库、模拟的夏季、网站；Ctrl-C 停止，再次执行则继续
	@exec $(BIN)/huanxin demo $(ARGS)

clean-demo:  ## 清空演示数据（先停止演示）
	@if test -x $(BIN)/huanxin; then $(BIN)/huanxin demo --clean; else echo '还没有演示数据。'; fi

serve: install  ## 只启动平台，不带模拟数据
	@exec $(BIN)/huanxin serve $(ARGS)

test: check  ## 运行全部检查与测试（不含 slow）
	@$(BIN)/python -m tests.chromium
	$(PYTEST) -q -n 2 --dist loadscope -m 'not slow' --ignore=tests/architecture $(ARGS)

test-long: install-test  ## 运行耗时的测试（slow）
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements/spark.txt
	$(PYTEST) -q -m slow $(ARGS)

check: install-test  ## 格式、静态检查、类型、房间之间的依赖、迁移、代码形状
	$(BIN)/ruff format --check -q
	$(BIN)/ruff check -q
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports
	$(PYTEST) -q tests/architecture

fix: install-test  ## 自动整理格式与可自动修复的问题
	$(BIN)/ruff check --fix -q || true
	$(BIN)/ruff format -q

docs: install-test  ## 由代码重新生成 docs/ 中的提示代码与券状态
	@$(BIN)/python -c 'from huanxin.project import docs; docs.write_errors_page()'
	@DJANGO_SETTINGS_MODULE=huanxin.project.settings $(BIN)/python -c 'import django; django.setup(); \
		from huanxin.project import state_docs; state_docs.write_states_page()'

pictures: install-test  ## 重放一季，重拍 docs/images 中的图片（浅色、深色、手机、桌面）；ARGS="till --to /tmp" 只拍一张
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m tests.pictures $(ARGS)

messages: install-test  ## 收集页面与提示的文字到英文词表（需要 gettext）
	@cd src/huanxin && DJANGO_SETTINGS_MODULE=huanxin.project.settings ../../$(BIN)/python -m huanxin.project.wording collect

bench: install-test  ## 测量性能，每个数字一行 JSON；ONLY=名字 只测一项
	@$(BIN)/python -m benchmarks $(ONLY)

lock:  ## 重新锁定依赖版本（需要 uv 与 npm）
	for kind in base bulk forecast reading spark test node; do (cd requirements && uv pip compile -q --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url $(ARGS) $$kind.in -o $$kind.txt) || exit 1; done
	npm install --package-lock-only --no-audit --no-fund

install:
	$(INSTALL) base

install-test:
	$(INSTALL) test
