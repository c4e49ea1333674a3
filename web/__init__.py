"""The page kit that both editions share: log-in, forms, layout, style, translations.

An edition describes itself once and gets an application::

    from web.application import create_application
    from web.edition import Edition, MenuEntry, StatusItem, Tone
    from web.server import serve

    app = create_application(Edition(name="hq", code="HQ", ...))   # see web.edition.Edition
    serve(app, host="127.0.0.1", port=8621)

**Views** live in ``<edition>/pages/<subject>.py``, one blueprint each, and hold no SQL and no arithmetic.
Every view asks for a log-in unless it is marked ``web.guards.open_to_all``; ``web.guards.requires("x.y")``
asks for a permission (``banking.users.PERMISSIONS``). A view that reads::

    @loans.get("/loans/<int:loan_id>")
    @requires("clients.see")
    def show(loan_id: int) -> str:
        with work.reading() as session:
            return render_template("loans/show.html", loan=get_loan(session, loan_id))

A view that posts (parse, do, answer)::

    @repayments.post("/loans/<int:loan_id>/repay")
    @requires("money.post")
    def create(loan_id: int) -> ResponseReturnValue:
        typed = Typed(request.form)
        try:
            amount = typed.amount("amount")        # a complaint is kept beside its field
            typed.require()                        # FormError when there was one
            def post(session: Session) -> str:     # returns the page that shows what was done
                done = post_repayment(session, loan_id, amount, ...)
                return url_for("receipts.show", receipt_id=done.id)
            return work.post_once("loan.repay", post)
        except RuleError as refusal:
            return _form(loan_id, typed, refusal), 422

- ``web.work``: ``edition() user() may(permission) now() business_day() reading() post_once(kind, act, note)
  do_once(act) lead_to(endpoint)``. ``post_once`` opens the edition's unit of work and uses up the form's
  one-time token in the same transaction: reload, double click and "back, send again" post nothing more, and
  answer alike; ``do_once`` is for exports and imports, which record nothing.
- ``web.forms.Typed``: ``begin(**defaults)`` for a fresh form (gives back what was typed when a log-in ran
  out, so show a form and take it at the same path), ``text secret amount day choice`` to read,
  ``note(field, refusal)`` to put a rule's sentence beside a field, ``require()``.
- ``web.folders``: ``read_folder(typed, writable=False)`` and ``list_sticks()``; ``folders.html`` has
  ``places(sticks, own, own_label, endpoint)`` to offer them beside the field.
- An uncaught RuleError, TrustError or fault gets a page in plain words (422, 404, 500 with incident number).
- Write sentences as ``_("...")`` (``flask_babel.gettext``) in views and templates; labels in declarations as
  ``ledger.errors.N_("...")``. ``web.filters.told(refusal)`` gives a RuleError in the reader's language.

**Templates** live in ``<edition>/templates/<subject>/`` and extend ``layout.html``: blocks ``heading`` (the
one h1), ``under_heading``, ``main``, ``body_class``. Globals: ``edition currency signed_in may() asset()``.
Filters: ``money`` (Money or minor units; grouping, negatives in parentheses), ``figure`` (the same, zero a
dash), ``plain_date`` (as typed into a field), ``date``, ``instant``, ``told``.

- ``{% import "forms.html" as forms %}``: ``form(action="", once=True)`` (call block; tokens inside),
  ``field(typed, name, label, hint="", kind="text", focus=False, optional=False, width="")``, ``amount``,
  ``day``, ``lines`` (several lines), ``select(typed, name, label, options)``,
  ``choice(typed, name, label, options)`` (radio buttons),
  ``carried(typed, names)``, ``buttons()`` (call block),
  ``go(label, name="", value="")`` (Enter), ``back(url, label="")`` (Esc), ``link(url, label, key="")``,
  ``print_button()``, ``refused(refusal)``.
- ``{% import "tables.html" as tables %}``: ``caption(title, note="")`` (with the currency),
  ``heading(label)``, ``cell(amount)``, ``total(amount)``, ``number(count)``, ``day(date)``,
  ``state(word, tone)``, ``empty(sentence)``. Totals stand in ``<tfoot>``, double-ruled.
- Style: one stylesheet, ``web/static/satchel.css``; tones ``tone-plain|good|waiting|refused`` always stand
  beside a word. No inline style or script (the content security policy refuses them).
- Keys: Enter accepts and goes to the next field, in the last one it presses the form's first button that is
  not quiet; Shift+Enter back, Ctrl+Enter sends from anywhere, Esc out (what was typed comes back with the
  page), ``?`` the page's keys, F1 help, ``/`` find. ``data-key="x"`` on a link or button lets x press it;
  digits are the menu's. What has keys of its own stands in ``[data-own-keys]``. Without scripts Enter sends.
- Dates: ``forms.day`` (three numbers in the office's calendar, its name beside it, + and - move it); write
  with ``date``, ``plain_date`` and ``instant``; ``other_date`` is the Gregorian one where the office has
  another.
- Languages: ``web.languages`` (user's, office's, else English); after sentences changed, run
  ``python -m web.catalogues update`` and ``compile``.
- Help: ``web.help.Topic`` in the edition's ``help_topics``; F1 finds it by the page's endpoint.
"""
