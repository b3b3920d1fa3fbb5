/*
 * The gateway of these tests, as a configuration: UUCP name gw (and modern, as
 * the VAX called it), domain gw.example.com, neighbours with and without a
 * domain. Built by hand, so that these tests need no file.
 */
#ifndef TEST_GATEWAY_H
#define TEST_GATEWAY_H

#include "bridge/base/config.h"
#include "tests/unit/list.h"

static struct config_site gateway_sites[] = {
    {.place = {"gw.conf", 10}, .name = "vax43", .domain = "vax43.example.com", .relay = true},
    {.place = {"gw.conf", 11}, .name = "alpha", .domain = "", .relay = true},
    {.place = {"gw.conf", 12}, .name = "guest", .domain = "guest.example.com", .relay = false},
    {.place = {"gw.conf", 13},
     .name = "bravo",
     .domain = "bravo.example.net",
     .aliases = LIST("brv"),
     .mixed = MIXED_BANG_FIRST,
     .relay = true},
};

static struct config_route gateway_routes[] = {
    {.place = {"gw.conf", 20}, .to = "*", .hop = HOP_MX},
    {.place = {"gw.conf", 21},
     .to = "vax43.example.com",
     .hop = HOP_SMTP,
     .hosts = {{"vax43-smtp.example.com", 25}},
     .nhosts = 1},
    {.place = {"gw.conf", 22}, .to = "site:guest", .hop = HOP_UUCP},
    {.place = {"gw.conf", 23},
     .to = ".mil",
     .hop = HOP_REJECT,
     .words = "5.7.27 no mail goes there"},
    {.place = {"gw.conf", 24},
     .to = ".army.mil",
     .hop = HOP_SMTP,
     .hosts = {{"192.0.2.7", 2525}, {"192.0.2.8", 25}},
     .nhosts = 2},
    {.place = {"gw.conf", 25},
     .to = "boss@cwi.example",
     .hop = HOP_SMTP,
     .hosts = {{"direct.example", 25}},
     .nhosts = 1},
    {.place = {"gw.conf", 26},
     .to = "site:*",
     .hop = HOP_SMTP,
     .hosts = {{"hub.example", 25}},
     .nhosts = 1},
};

/* 127.0.0.0/8, 192.0.2.0/24, 2001:db8::/32 */
static struct network gateway_clients[] = {
    {{[10] = 0xff, 0xff, 127}, 96 + 8},
    {{[10] = 0xff, 0xff, 192, 0, 2}, 96 + 24},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},
};

static struct config gateway = {
    .files = LIST("gw.conf"),
    .hostname = "gw.example.com",
    .uucp_names = LIST("gw", "modern"),
    .domains = LIST("gw.example.com", "example.com"),
    .local = "maildir:/var/mail/%d/%u",
    .postmaster = "owner@example.org",
    .sites = gateway_sites,
    .nsites = sizeof gateway_sites / sizeof gateway_sites[0],
    .routes = gateway_routes,
    .nroutes = sizeof gateway_routes / sizeof gateway_routes[0],
    .relay_clients = gateway_clients,
    .nrelay_clients = sizeof gateway_clients / sizeof gateway_clients[0],
    .limit = {.hops = 50, .passages = 3, .header_bytes = 65536},
};

#endif
