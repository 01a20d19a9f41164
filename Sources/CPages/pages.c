#include "CPages.h"

static const unsigned char dashboard_html[] = {
#embed "files/dashboard.html"
};
static const unsigned char style_css[] = {
#embed "files/style.css"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char app_js[] = {
#embed "files/app.js"
};
static const unsigned char actions_js[] = {
#embed "files/actions.js"
};
static const unsigned char charts_js[] = {
#embed "files/charts.js"
};
static const unsigned char client_js[] = {
#embed "files/client.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char format_js[] = {
#embed "files/format.js"
};
static const unsigned char invoices_js[] = {
#embed "files/invoices.js"
};
static const unsigned char operator_js[] = {
#embed "files/operator.js"
};
static const unsigned char overview_js[] = {
#embed "files/overview.js"
};
static const unsigned char docs_html[] = {
#embed "files/docs.html"
};
static const unsigned char docs_js[] = {
#embed "files/docs.js"
};
static const unsigned char samples_js[] = {
#embed "files/samples.js"
};
static const unsigned char shopmeter_py[] = {
#embed "../../Tests/Clients/python/shopmeter.py"
};
static const unsigned char shopmeter_ts[] = {
#embed "../../Tests/Clients/typescript/shopmeter.ts"
};
static const unsigned char portal_html[] = {
#embed "files/portal.html"
};
static const unsigned char portal_js[] = {
#embed "files/portal.js"
};
static const unsigned char user_js[] = {
#embed "files/user.js"
};
static const unsigned char webhooks_js[] = {
#embed "files/webhooks.js"
};
static const unsigned char users_js[] = {
#embed "files/users.js"
};

#define FILE_OF(name, bytes) {name, bytes, sizeof bytes}

static const struct page_file files[] = {
    FILE_OF("dashboard.html", dashboard_html), FILE_OF("style.css", style_css),     FILE_OF("icon.svg", icon_svg),
    FILE_OF("app.js", app_js),                 FILE_OF("actions.js", actions_js),   FILE_OF("charts.js", charts_js),
    FILE_OF("client.js", client_js),           FILE_OF("dom.js", dom_js),           FILE_OF("format.js", format_js),
    FILE_OF("invoices.js", invoices_js),       FILE_OF("operator.js", operator_js), FILE_OF("overview.js", overview_js),
    FILE_OF("docs.html", docs_html),           FILE_OF("docs.js", docs_js),         FILE_OF("samples.js", samples_js),
    FILE_OF("shopmeter.py", shopmeter_py),     FILE_OF("shopmeter.ts", shopmeter_ts),
    FILE_OF("portal.html", portal_html),       FILE_OF("portal.js", portal_js),
    FILE_OF("user.js", user_js),               FILE_OF("users.js", users_js),
    FILE_OF("webhooks.js", webhooks_js),
};

const size_t page_file_count = sizeof files / sizeof files[0];

const struct page_file *page_file_at(size_t index) { return &files[index]; }
