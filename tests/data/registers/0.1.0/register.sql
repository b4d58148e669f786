--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: _sqlx_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);


--
-- Name: articles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.articles (
    id uuid NOT NULL,
    publisher text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    url text COLLATE pg_catalog."C",
    published_on text COLLATE pg_catalog."C",
    published_first date,
    published_last date,
    body text COLLATE pg_catalog."C",
    excerpt text COLLATE pg_catalog."C",
    body_sha256 text COLLATE pg_catalog."C",
    folded_sha256 text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: attendance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attendance (
    id uuid NOT NULL,
    meeting_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    delegate_name text COLLATE pg_catalog."C",
    delegate_office text COLLATE pg_catalog."C",
    adopted boolean,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.changes (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    op text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    record_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    before text COLLATE pg_catalog."C",
    after text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C"
);


--
-- Name: citations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.citations (
    id uuid NOT NULL,
    participant_id uuid,
    coalition_id uuid,
    meeting_id uuid,
    pledge_id uuid,
    event_id uuid,
    article_id uuid NOT NULL,
    quote text COLLATE pg_catalog."C",
    quote_start bigint,
    quote_end bigint,
    states jsonb NOT NULL,
    preferred boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone,
    CONSTRAINT citations_check CHECK ((((((
CASE
    WHEN (participant_id IS NULL) THEN 0
    ELSE 1
END +
CASE
    WHEN (coalition_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (meeting_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (pledge_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (event_id IS NULL) THEN 0
    ELSE 1
END) = 1))
);


--
-- Name: coalitions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.coalitions (
    id uuid NOT NULL,
    slug text NOT NULL COLLATE pg_catalog."C",
    names jsonb NOT NULL,
    founded_on text COLLATE pg_catalog."C",
    founded_first date,
    description text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    id uuid NOT NULL,
    pledge_id uuid NOT NULL,
    stage text NOT NULL COLLATE pg_catalog."C",
    occurred_on text NOT NULL COLLATE pg_catalog."C",
    occurred_first date NOT NULL,
    amount bigint,
    over boolean NOT NULL,
    note text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    holder_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    headers text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.keys (
    id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);


--
-- Name: meetings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.meetings (
    id uuid NOT NULL,
    slug text NOT NULL COLLATE pg_catalog."C",
    titles jsonb NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    coalition_id uuid,
    starts_on text NOT NULL COLLATE pg_catalog."C",
    starts_first date NOT NULL,
    starts_last date NOT NULL,
    ends_on text COLLATE pg_catalog."C",
    city text COLLATE pg_catalog."C",
    country_id uuid,
    headline_amount bigint,
    need_amount bigint,
    headline_currency text COLLATE pg_catalog."C",
    participant_count bigint,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: member_periods; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.member_periods (
    member_id uuid NOT NULL,
    "position" bigint NOT NULL,
    joined_on text NOT NULL COLLATE pg_catalog."C",
    joined_first date NOT NULL,
    left_on text COLLATE pg_catalog."C",
    left_last date
);


--
-- Name: members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.members (
    id uuid NOT NULL,
    coalition_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: participants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.participants (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    names jsonb NOT NULL,
    former_names jsonb NOT NULL,
    aliases jsonb NOT NULL,
    merged_into uuid,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: pledges; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pledges (
    id uuid NOT NULL,
    participant_id uuid,
    meeting_id uuid,
    parent_id uuid,
    restates_id uuid,
    beneficiary_id uuid,
    instrument text NOT NULL COLLATE pg_catalog."C",
    qualifier text COLLATE pg_catalog."C",
    currency text COLLATE pg_catalog."C",
    amount_min bigint,
    amount bigint,
    amount_max bigint,
    purpose text COLLATE pg_catalog."C",
    announced_on text COLLATE pg_catalog."C",
    announced_first date,
    announced_last date,
    announced_by_name text COLLATE pg_catalog."C",
    announced_by_office text COLLATE pg_catalog."C",
    period_from text COLLATE pg_catalog."C",
    period_to text COLLATE pg_catalog."C",
    conditions text COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    pledged_min bigint,
    pledged bigint,
    pledged_max bigint,
    counted_min bigint,
    counted bigint,
    counted_max bigint,
    committed bigint,
    paid bigint,
    withdrawn bigint,
    outstanding bigint,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: rates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rates (
    id uuid NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    date date NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    per_usd text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    waived boolean NOT NULL
);


--
-- Name: rollups; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rollups (
    level text NOT NULL COLLATE pg_catalog."C",
    key1 text NOT NULL COLLATE pg_catalog."C",
    key2 text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    restated boolean NOT NULL,
    pledges bigint NOT NULL,
    with_min bigint NOT NULL,
    with_point bigint NOT NULL,
    with_max bigint NOT NULL,
    pledged_min bigint NOT NULL,
    pledged bigint NOT NULL,
    pledged_max bigint NOT NULL,
    counted_min bigint NOT NULL,
    counted bigint NOT NULL,
    counted_max bigint NOT NULL,
    committed bigint NOT NULL,
    paid bigint NOT NULL,
    withdrawn bigint NOT NULL,
    outstanding bigint NOT NULL
);


--
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public._sqlx_migrations VALUES (1, 'register', '2026-11-27 01:20:37.584972+00', true, '\xe2357c97e7fffa0465a55d2b7fe81f42962a7398a5155f054ce6b425d85a608be6d02c93e6b779d92c4e8696b102eb76', 398890086);
INSERT INTO public._sqlx_migrations VALUES (2, 'waived rates', '2026-11-27 01:20:37.991814+00', true, '\xfd671f530b5e32749016b866ee503cb62752b7962306f8a859e9504bbf0eee0024948f7ffb27bbe522f8e02a80183d74', 3923722);


--
-- Data for Name: articles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.articles VALUES ('01a21a97-144e-70dd-a36f-20ba5dcd8296', 'Example', 'en', 'Kuwait', 'news', NULL, NULL, NULL, NULL, 'The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.', 'The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.', '6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f', '6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f', 1, '2026-11-27 01:20:38.478519+00', '2026-11-27 01:20:38.478519+00', NULL);
INSERT INTO public.articles VALUES ('01a21a97-14cd-742f-a50c-d1948db896d8', 'Example', 'en', '0', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 01:20:38.604952+00', '2026-11-27 01:20:38.604952+00', NULL);
INSERT INTO public.articles VALUES ('01a21a97-14cd-742f-a50c-d195d54ba468', 'Example', 'en', '1', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 01:20:38.604952+00', '2026-11-27 01:20:38.604952+00', NULL);
INSERT INTO public.articles VALUES ('01a21a97-14ce-76cc-aae6-d81ce2bc5280', 'Example', 'en', '2', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 01:20:38.604952+00', '2026-11-27 01:20:38.604952+00', NULL);


--
-- Data for Name: attendance; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attendance VALUES ('01a21a97-144a-71f4-83a9-8bdf7d9c07c0', '01a21a97-1445-70e5-83c2-3566cb33f5ec', '01a21a97-13a3-706a-bcdf-a858df3a07da', 'co_chair', 'A. Example', NULL, NULL, 1, '2026-11-27 01:20:38.473811+00', '2026-11-27 01:20:38.473811+00', NULL);


--
-- Data for Name: changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.changes VALUES (1, '2026-11-27 01:20:38.306349+00', 'desk', 'create', 'participants', '01a21a97-13a3-706a-bcdf-a858df3a07da', 'USA', 1, NULL, '{"id":"01a21a97-13a3-706a-bcdf-a858df3a07da","code":"USA","kind":"state","names":{"ar":"الولايات المتحدة","en":"United States"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.306349Z","updated_at":"2026-11-27T01:20:38.306349Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (2, '2026-11-27 01:20:38.31354+00', 'desk', 'create', 'participants', '01a21a97-13a9-7419-b85c-cd896fd88cd5', 'KWT', 1, NULL, '{"id":"01a21a97-13a9-7419-b85c-cd896fd88cd5","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.313540Z","updated_at":"2026-11-27T01:20:38.313540Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (3, '2026-11-27 01:20:38.322113+00', 'desk', 'create', 'participants', '01a21a97-13b2-70ca-8895-5d3bc2bd64aa', 'IRQ', 1, NULL, '{"id":"01a21a97-13b2-70ca-8895-5d3bc2bd64aa","code":"IRQ","kind":"state","names":{"ar":"العراق","en":"Iraq"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.322113Z","updated_at":"2026-11-27T01:20:38.322113Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (4, '2026-11-27 01:20:38.330653+00', 'desk', 'create', 'participants', '01a21a97-13bb-74b7-80bb-2badc0d7c885', 'GBR', 1, NULL, '{"id":"01a21a97-13bb-74b7-80bb-2badc0d7c885","code":"GBR","kind":"state","names":{"ar":"المملكة المتحدة","en":"United Kingdom"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.330653Z","updated_at":"2026-11-27T01:20:38.330653Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (5, '2026-11-27 01:20:38.337834+00', 'desk', 'create', 'participants', '01a21a97-13c2-7047-bf41-6497bece8b9b', 'UKM', 1, NULL, '{"id":"01a21a97-13c2-7047-bf41-6497bece8b9b","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.337834Z","updated_at":"2026-11-27T01:20:38.337834Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (6, '2026-11-27 01:20:38.345895+00', 'desk', 'create', 'participants', '01a21a97-13ca-7708-85fa-1b70432caf62', 'GONE', 1, NULL, '{"id":"01a21a97-13ca-7708-85fa-1b70432caf62","code":"GONE","kind":"fund","names":{"ar":"صندوق","en":"A fund that was retracted"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.345895Z","updated_at":"2026-11-27T01:20:38.345895Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (7, '2026-11-27 01:20:38.353377+00', 'desk', 'update', 'participants', '01a21a97-13a9-7419-b85c-cd896fd88cd5', 'KWT', 2, '{"id":"01a21a97-13a9-7419-b85c-cd896fd88cd5","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.313540Z","updated_at":"2026-11-27T01:20:38.313540Z"}', '{"id":"01a21a97-13a9-7419-b85c-cd896fd88cd5","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[{"names":{"en":"Old"},"until":"1961-06"}],"aliases":["State of Kuwait"],"merged_into":null,"version":2,"created_at":"2026-11-27T01:20:38.313540Z","updated_at":"2026-11-27T01:20:38.353377Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (8, '2026-11-27 01:20:38.359504+00', 'desk', 'update', 'participants', '01a21a97-13c2-7047-bf41-6497bece8b9b', 'UKM', 2, '{"id":"01a21a97-13c2-7047-bf41-6497bece8b9b","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.337834Z","updated_at":"2026-11-27T01:20:38.337834Z"}', '{"id":"01a21a97-13c2-7047-bf41-6497bece8b9b","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":"GBR","version":2,"created_at":"2026-11-27T01:20:38.337834Z","updated_at":"2026-11-27T01:20:38.359504Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (9, '2026-11-27 01:20:38.378104+00', 'desk', 'retract', 'participants', '01a21a97-13ca-7708-85fa-1b70432caf62', 'GONE', 2, '{"id":"01a21a97-13ca-7708-85fa-1b70432caf62","code":"GONE","kind":"fund","names":{"ar":"صندوق","en":"A fund that was retracted"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T01:20:38.345895Z","updated_at":"2026-11-27T01:20:38.345895Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (10, '2026-11-27 01:20:38.454031+00', 'desk', 'create', 'coalitions', '01a21a97-1436-73e3-b7b0-ad1a57dccf6c', 'coalition', 1, NULL, '{"id":"01a21a97-1436-73e3-b7b0-ad1a57dccf6c","slug":"coalition","names":{"en":"Coalition"},"founded_on":"2014-09","description":null,"version":1,"created_at":"2026-11-27T01:20:38.454031Z","updated_at":"2026-11-27T01:20:38.454031Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (11, '2026-11-27 01:20:38.460875+00', 'desk', 'create', 'members', '01a21a97-143e-72c2-803f-a833d7b73841', 'coalition/USA', 1, NULL, '{"id":"01a21a97-143e-72c2-803f-a833d7b73841","coalition":"coalition","participant":"USA","periods":[{"joined_on":"2014-09","left_on":null}],"version":1,"created_at":"2026-11-27T01:20:38.460875Z","updated_at":"2026-11-27T01:20:38.460875Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (12, '2026-11-27 01:20:38.468448+00', 'desk', 'create', 'meetings', '01a21a97-1445-70e5-83c2-3566cb33f5ec', 'kuwait-2018', 1, NULL, '{"id":"01a21a97-1445-70e5-83c2-3566cb33f5ec","slug":"kuwait-2018","titles":{"ar":"اجتماع وزاري في الكويت","en":"Ministerial in Kuwait"},"kind":"ministerial","starts_on":"2018-02-13","ends_on":null,"coalition":"coalition","city":"Kuwait City","country":"KWT","headline_amount":"1000000000.00","need_amount":null,"headline_currency":"USD","participant_count":null,"version":1,"created_at":"2026-11-27T01:20:38.468448Z","updated_at":"2026-11-27T01:20:38.468448Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (13, '2026-11-27 01:20:38.473811+00', 'desk', 'create', 'attendance', '01a21a97-144a-71f4-83a9-8bdf7d9c07c0', 'kuwait-2018/USA', 1, NULL, '{"id":"01a21a97-144a-71f4-83a9-8bdf7d9c07c0","meeting":"kuwait-2018","participant":"USA","role":"co_chair","delegate_name":"A. Example","delegate_office":null,"adopted":null,"version":1,"created_at":"2026-11-27T01:20:38.473811Z","updated_at":"2026-11-27T01:20:38.473811Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (14, '2026-11-27 01:20:38.478519+00', 'desk', 'create', 'articles', '01a21a97-144e-70dd-a36f-20ba5dcd8296', '01a21a97-144e-70dd-a36f-20ba5dcd8296', 1, NULL, '{"id":"01a21a97-144e-70dd-a36f-20ba5dcd8296","publisher":"Example","language":"en","title":"Kuwait","kind":"news","url":null,"published_on":null,"body":"The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.","body_sha256":"6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f","version":1,"created_at":"2026-11-27T01:20:38.478519Z","updated_at":"2026-11-27T01:20:38.478519Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (15, '2026-11-27 01:20:38.482605+00', 'desk', 'create', 'rates', '01a21a97-1454-737c-a6e5-28c53dc674fe', 'EUR/2018-02-13/ECB', 1, NULL, '{"id":"01a21a97-1454-737c-a6e5-28c53dc674fe","currency":"EUR","date":"2018-02-13","per_usd":"0.81","source":"ECB","waived":false,"version":1,"created_at":"2026-11-27T01:20:38.482605Z","updated_at":"2026-11-27T01:20:38.482605Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (16, '2026-11-27 01:20:38.482605+00', 'desk', 'create', 'rates', '01a21a97-1454-737c-a6e5-28c6b5afae63', 'EUR/2018-02-14/ECB', 1, NULL, '{"id":"01a21a97-1454-737c-a6e5-28c6b5afae63","currency":"EUR","date":"2018-02-14","per_usd":"0.81","source":"ECB","waived":false,"version":1,"created_at":"2026-11-27T01:20:38.482605Z","updated_at":"2026-11-27T01:20:38.482605Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (17, '2026-11-27 01:20:38.489089+00', 'desk', 'create', 'rates', '01a21a97-1459-74f8-8b42-fe0b43e7bea5', 'EUR/2018-02-15/other', 1, NULL, '{"id":"01a21a97-1459-74f8-8b42-fe0b43e7bea5","currency":"EUR","date":"2018-02-15","per_usd":"9.9","source":"other","waived":true,"version":1,"created_at":"2026-11-27T01:20:38.489089Z","updated_at":"2026-11-27T01:20:38.489089Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (18, '2026-11-27 01:20:38.49324+00', 'desk', 'create', 'pledges', '01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-145d-7476-8e0b-7b12a5df7473', 1, NULL, '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200000000.00","version":1,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.493240Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (19, '2026-11-27 01:20:38.49324+00', 'desk', 'create', 'citations', '01a21a97-1463-75e9-8862-b4f5d043f2dd', '01a21a97-1463-75e9-8862-b4f5d043f2dd', 1, NULL, '{"id":"01a21a97-1463-75e9-8862-b4f5d043f2dd","subject":"pledges/01a21a97-145d-7476-8e0b-7b12a5df7473","article":"01a21a97-144e-70dd-a36f-20ba5dcd8296","quote":"200 million dollars","start":26,"end":45,"states":{"amount":"230000000.00"},"preferred":true,"version":1,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.493240Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (20, '2026-11-27 01:20:38.505173+00', 'desk', 'create', 'events', '01a21a97-146a-7555-ad65-0e8285fd7a49', '01a21a97-146a-7555-ad65-0e8285fd7a49', 1, NULL, '{"id":"01a21a97-146a-7555-ad65-0e8285fd7a49","pledge":"01a21a97-145d-7476-8e0b-7b12a5df7473","stage":"paid","occurred_on":"2018-06","amount":"6600000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T01:20:38.505173Z","updated_at":"2026-11-27T01:20:38.505173Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (21, '2026-11-27 01:20:38.505173+00', 'desk', 'update', 'pledges', '01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-145d-7476-8e0b-7b12a5df7473', 2, '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200000000.00","version":1,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.493240Z"}', '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":2,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.505173Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (22, '2026-11-27 01:20:38.518405+00', 'desk', 'create', 'events', '01a21a97-1477-7217-a351-f6fd1c629395', '01a21a97-1477-7217-a351-f6fd1c629395', 1, NULL, '{"id":"01a21a97-1477-7217-a351-f6fd1c629395","pledge":"01a21a97-145d-7476-8e0b-7b12a5df7473","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T01:20:38.518405Z","updated_at":"2026-11-27T01:20:38.518405Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (23, '2026-11-27 01:20:38.518405+00', 'desk', 'update', 'pledges', '01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-145d-7476-8e0b-7b12a5df7473', 3, '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":2,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.505173Z"}', '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":3,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.518405Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (24, '2026-11-27 01:20:38.525459+00', 'desk', 'retract', 'events', '01a21a97-1477-7217-a351-f6fd1c629395', '01a21a97-1477-7217-a351-f6fd1c629395', 2, '{"id":"01a21a97-1477-7217-a351-f6fd1c629395","pledge":"01a21a97-145d-7476-8e0b-7b12a5df7473","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T01:20:38.518405Z","updated_at":"2026-11-27T01:20:38.518405Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (25, '2026-11-27 01:20:38.525459+00', 'desk', 'update', 'pledges', '01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-145d-7476-8e0b-7b12a5df7473', 4, '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":3,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.518405Z"}', '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":4,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.525459Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (26, '2026-11-27 01:20:38.533158+00', 'desk', 'restore', 'events', '01a21a97-1477-7217-a351-f6fd1c629395', '01a21a97-1477-7217-a351-f6fd1c629395', 3, NULL, '{"id":"01a21a97-1477-7217-a351-f6fd1c629395","pledge":"01a21a97-145d-7476-8e0b-7b12a5df7473","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":3,"created_at":"2026-11-27T01:20:38.518405Z","updated_at":"2026-11-27T01:20:38.533158Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (27, '2026-11-27 01:20:38.533158+00', 'desk', 'update', 'pledges', '01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-145d-7476-8e0b-7b12a5df7473', 5, '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":4,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.525459Z"}', '{"id":"01a21a97-145d-7476-8e0b-7b12a5df7473","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":5,"created_at":"2026-11-27T01:20:38.493240Z","updated_at":"2026-11-27T01:20:38.533158Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (28, '2026-11-27 01:20:38.545837+00', 'desk', 'create', 'pledges', '01a21a97-1492-756b-a50f-5c3ce5e1a9e8', '01a21a97-1492-756b-a50f-5c3ce5e1a9e8', 1, NULL, '{"id":"01a21a97-1492-756b-a50f-5c3ce5e1a9e8","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"10000000.00","counted":"10000000.00","counted_max":"10000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10000000.00","version":1,"created_at":"2026-11-27T01:20:38.545837Z","updated_at":"2026-11-27T01:20:38.545837Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (29, '2026-11-27 01:20:38.554919+00', 'desk', 'create', 'pledges', '01a21a97-149b-729c-94f3-683d6bb7adc0', '01a21a97-149b-729c-94f3-683d6bb7adc0', 1, NULL, '{"id":"01a21a97-149b-729c-94f3-683d6bb7adc0","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":"01a21a97-1492-756b-a50f-5c3ce5e1a9e8","restates":null,"qualifier":"exact","amount_min":null,"amount":"4000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"4000000.00","pledged":"4000000.00","pledged_max":"4000000.00","counted_min":"4000000.00","counted":"4000000.00","counted_max":"4000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"4000000.00","version":1,"created_at":"2026-11-27T01:20:38.554919Z","updated_at":"2026-11-27T01:20:38.554919Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (30, '2026-11-27 01:20:38.554919+00', 'desk', 'update', 'pledges', '01a21a97-1492-756b-a50f-5c3ce5e1a9e8', '01a21a97-1492-756b-a50f-5c3ce5e1a9e8', 2, '{"id":"01a21a97-1492-756b-a50f-5c3ce5e1a9e8","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"10000000.00","counted":"10000000.00","counted_max":"10000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10000000.00","version":1,"created_at":"2026-11-27T01:20:38.545837Z","updated_at":"2026-11-27T01:20:38.545837Z"}', '{"id":"01a21a97-1492-756b-a50f-5c3ce5e1a9e8","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"6000000.00","counted":"6000000.00","counted_max":"6000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"6000000.00","version":2,"created_at":"2026-11-27T01:20:38.545837Z","updated_at":"2026-11-27T01:20:38.554919Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (31, '2026-11-27 01:20:38.565702+00', 'desk', 'create', 'pledges', '01a21a97-14a6-7352-a0e0-ebb9f308f11e', '01a21a97-14a6-7352-a0e0-ebb9f308f11e', 1, NULL, '{"id":"01a21a97-14a6-7352-a0e0-ebb9f308f11e","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":"01a21a97-145d-7476-8e0b-7b12a5df7473","qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-03","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"restated","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"0.00","counted":"0.00","counted_max":"0.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"0.00","version":1,"created_at":"2026-11-27T01:20:38.565702Z","updated_at":"2026-11-27T01:20:38.565702Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (32, '2026-11-27 01:20:38.57372+00', 'desk', 'create', 'pledges', '01a21a97-14ae-7270-a824-b567ce4395f1', '01a21a97-14ae-7270-a824-b567ce4395f1', 1, NULL, '{"id":"01a21a97-14ae-7270-a824-b567ce4395f1","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"up_to","amount_min":"0.00","amount":null,"amount_max":"1000000000.00","currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"0.00","pledged":null,"pledged_max":"1000000000.00","counted_min":"0.00","counted":null,"counted_max":"1000000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":null,"version":1,"created_at":"2026-11-27T01:20:38.573720Z","updated_at":"2026-11-27T01:20:38.573720Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (33, '2026-11-27 01:20:38.579136+00', 'desk', 'create', 'pledges', '01a21a97-14b3-7779-9bf5-fc9eef434313', '01a21a97-14b3-7779-9bf5-fc9eef434313', 1, NULL, '{"id":"01a21a97-14b3-7779-9bf5-fc9eef434313","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T01:20:38.579136Z","updated_at":"2026-11-27T01:20:38.579136Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (34, '2026-11-27 01:20:38.585355+00', 'desk', 'create', 'pledges', '01a21a97-14b9-77d8-b515-965d425794cc', '01a21a97-14b9-77d8-b515-965d425794cc', 1, NULL, '{"id":"01a21a97-14b9-77d8-b515-965d425794cc","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"between","amount_min":"1.00","amount":null,"amount_max":"2.00","currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":null,"pledged_max":"2.00","counted_min":"1.00","counted":null,"counted_max":"2.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":null,"version":1,"created_at":"2026-11-27T01:20:38.585355Z","updated_at":"2026-11-27T01:20:38.585355Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (35, '2026-11-27 01:20:38.590173+00', 'desk', 'create', 'pledges', '01a21a97-14be-7106-b027-09fd1d53677c', '01a21a97-14be-7106-b027-09fd1d53677c', 1, NULL, '{"id":"01a21a97-14be-7106-b027-09fd1d53677c","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"1.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":"1.00","pledged_max":"1.00","counted_min":"1.00","counted":"1.00","counted_max":"1.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"1.00","version":1,"created_at":"2026-11-27T01:20:38.590173Z","updated_at":"2026-11-27T01:20:38.590173Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (36, '2026-11-27 01:20:38.596693+00', 'desk', 'retract', 'pledges', '01a21a97-14be-7106-b027-09fd1d53677c', '01a21a97-14be-7106-b027-09fd1d53677c', 2, '{"id":"01a21a97-14be-7106-b027-09fd1d53677c","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"1.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":"1.00","pledged_max":"1.00","counted_min":"1.00","counted":"1.00","counted_max":"1.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"1.00","version":1,"created_at":"2026-11-27T01:20:38.590173Z","updated_at":"2026-11-27T01:20:38.590173Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (37, '2026-11-27 01:20:38.604952+00', 'desk', 'create', 'articles', '01a21a97-14cd-742f-a50c-d1948db896d8', '01a21a97-14cd-742f-a50c-d1948db896d8', 1, NULL, '{"id":"01a21a97-14cd-742f-a50c-d1948db896d8","publisher":"Example","language":"en","title":"0","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T01:20:38.604952Z","updated_at":"2026-11-27T01:20:38.604952Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (38, '2026-11-27 01:20:38.604952+00', 'desk', 'create', 'articles', '01a21a97-14cd-742f-a50c-d195d54ba468', '01a21a97-14cd-742f-a50c-d195d54ba468', 1, NULL, '{"id":"01a21a97-14cd-742f-a50c-d195d54ba468","publisher":"Example","language":"en","title":"1","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T01:20:38.604952Z","updated_at":"2026-11-27T01:20:38.604952Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (39, '2026-11-27 01:20:38.604952+00', 'desk', 'create', 'articles', '01a21a97-14ce-76cc-aae6-d81ce2bc5280', '01a21a97-14ce-76cc-aae6-d81ce2bc5280', 1, NULL, '{"id":"01a21a97-14ce-76cc-aae6-d81ce2bc5280","publisher":"Example","language":"en","title":"2","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T01:20:38.604952Z","updated_at":"2026-11-27T01:20:38.604952Z"}', 'made for those who upgrade');


--
-- Data for Name: citations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.citations VALUES ('01a21a97-1463-75e9-8862-b4f5d043f2dd', NULL, NULL, NULL, '01a21a97-145d-7476-8e0b-7b12a5df7473', NULL, '01a21a97-144e-70dd-a36f-20ba5dcd8296', '200 million dollars', 26, 45, '{"amount": "230000000.00"}', true, 1, '2026-11-27 01:20:38.49324+00', '2026-11-27 01:20:38.49324+00', NULL);


--
-- Data for Name: coalitions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.coalitions VALUES ('01a21a97-1436-73e3-b7b0-ad1a57dccf6c', 'coalition', '{"en": "Coalition"}', '2014-09', '2014-09-01', NULL, 1, '2026-11-27 01:20:38.454031+00', '2026-11-27 01:20:38.454031+00', NULL);


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES ('01a21a97-146a-7555-ad65-0e8285fd7a49', '01a21a97-145d-7476-8e0b-7b12a5df7473', 'paid', '2018-06', '2018-06-01', 660000000, false, NULL, 1, '2026-11-27 01:20:38.505173+00', '2026-11-27 01:20:38.505173+00', NULL);
INSERT INTO public.events VALUES ('01a21a97-1477-7217-a351-f6fd1c629395', '01a21a97-145d-7476-8e0b-7b12a5df7473', 'redirected', '2018-08-17', '2018-08-17', 19340000000, false, NULL, 3, '2026-11-27 01:20:38.518405+00', '2026-11-27 01:20:38.533158+00', NULL);


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('01a21a97-1295-724d-a1e5-b8c779ef4e4b', 'release', '\x45e97f85905cab2fa87e54e467b65e5fef692d35a91c21cfd2b78dbf13ec0728', 201, '[["content-type","application/json"],["cache-control","no-store"],["content-language","en"]]', '\x7b2263726561746564223a332c226974656d73223a5b7b22696e646578223a302c22737461747573223a3230312c226b6579223a2230316132316139372d313463642d373432662d613530632d643139343864623839366438222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316139372d313463642d373432662d613530632d643139343864623839366438222c2276657273696f6e223a317d2c7b22696e646578223a312c22737461747573223a3230312c226b6579223a2230316132316139372d313463642d373432662d613530632d643139356435346261343638222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316139372d313463642d373432662d613530632d643139356435346261343638222c2276657273696f6e223a317d2c7b22696e646578223a322c22737461747573223a3230312c226b6579223a2230316132316139372d313463652d373663632d616165362d643831636532626335323830222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316139372d313463652d373663632d616165362d643831636532626335323830222c2276657273696f6e223a317d5d7d', '2026-11-27 01:20:38.604952+00');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.keys VALUES ('01a21a97-1295-724d-a1e5-b8c779ef4e4b', 'desk', 'editor', '\x65a56e80b4aeea88f0f4e2c9e8513e3f754a6b14b3730bc3717e0fb9775c5004', '2026-11-27 01:20:38.037467+00', NULL);


--
-- Data for Name: meetings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.meetings VALUES ('01a21a97-1445-70e5-83c2-3566cb33f5ec', 'kuwait-2018', '{"ar": "اجتماع وزاري في الكويت", "en": "Ministerial in Kuwait"}', 'ministerial', '01a21a97-1436-73e3-b7b0-ad1a57dccf6c', '2018-02-13', '2018-02-13', '2018-02-13', NULL, 'Kuwait City', '01a21a97-13a9-7419-b85c-cd896fd88cd5', 100000000000, NULL, 'USD', NULL, 1, '2026-11-27 01:20:38.468448+00', '2026-11-27 01:20:38.468448+00', NULL);


--
-- Data for Name: member_periods; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.member_periods VALUES ('01a21a97-143e-72c2-803f-a833d7b73841', 0, '2014-09', '2014-09-01', NULL, NULL);


--
-- Data for Name: members; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.members VALUES ('01a21a97-143e-72c2-803f-a833d7b73841', '01a21a97-1436-73e3-b7b0-ad1a57dccf6c', '01a21a97-13a3-706a-bcdf-a858df3a07da', 1, '2026-11-27 01:20:38.460875+00', '2026-11-27 01:20:38.460875+00', NULL);


--
-- Data for Name: participants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.participants VALUES ('01a21a97-13a3-706a-bcdf-a858df3a07da', 'USA', 'state', '{"ar": "الولايات المتحدة", "en": "United States"}', '[]', '[]', NULL, 1, '2026-11-27 01:20:38.306349+00', '2026-11-27 01:20:38.306349+00', NULL);
INSERT INTO public.participants VALUES ('01a21a97-13b2-70ca-8895-5d3bc2bd64aa', 'IRQ', 'state', '{"ar": "العراق", "en": "Iraq"}', '[]', '[]', NULL, 1, '2026-11-27 01:20:38.322113+00', '2026-11-27 01:20:38.322113+00', NULL);
INSERT INTO public.participants VALUES ('01a21a97-13bb-74b7-80bb-2badc0d7c885', 'GBR', 'state', '{"ar": "المملكة المتحدة", "en": "United Kingdom"}', '[]', '[]', NULL, 1, '2026-11-27 01:20:38.330653+00', '2026-11-27 01:20:38.330653+00', NULL);
INSERT INTO public.participants VALUES ('01a21a97-13a9-7419-b85c-cd896fd88cd5', 'KWT', 'state', '{"ar": "الكويت", "en": "Kuwait"}', '[{"names": {"en": "Old"}, "until": "1961-06"}]', '["State of Kuwait"]', NULL, 2, '2026-11-27 01:20:38.31354+00', '2026-11-27 01:20:38.353377+00', NULL);
INSERT INTO public.participants VALUES ('01a21a97-13c2-7047-bf41-6497bece8b9b', 'UKM', 'state', '{"ar": "بريطانيا", "en": "United Kingdom, as once spelled"}', '[]', '[]', '01a21a97-13bb-74b7-80bb-2badc0d7c885', 2, '2026-11-27 01:20:38.337834+00', '2026-11-27 01:20:38.359504+00', NULL);
INSERT INTO public.participants VALUES ('01a21a97-13ca-7708-85fa-1b70432caf62', 'GONE', 'fund', '{"ar": "صندوق", "en": "A fund that was retracted"}', '[]', '[]', NULL, 2, '2026-11-27 01:20:38.345895+00', '2026-11-27 01:20:38.378104+00', '2026-11-27 01:20:38.378104+00');


--
-- Data for Name: pledges; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pledges VALUES ('01a21a97-145d-7476-8e0b-7b12a5df7473', '01a21a97-13a3-706a-bcdf-a858df3a07da', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'grant', 'exact', 'USD', NULL, 20000000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'withdrawn', 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0, 5, '2026-11-27 01:20:38.49324+00', '2026-11-27 01:20:38.533158+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-149b-729c-94f3-683d6bb7adc0', '01a21a97-13bb-74b7-80bb-2badc0d7c885', '01a21a97-1445-70e5-83c2-3566cb33f5ec', '01a21a97-1492-756b-a50f-5c3ce5e1a9e8', NULL, NULL, 'grant', 'exact', 'EUR', NULL, 400000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 400000000, 400000000, 400000000, 400000000, 400000000, 400000000, 0, 0, 0, 400000000, 1, '2026-11-27 01:20:38.554919+00', '2026-11-27 01:20:38.554919+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-1492-756b-a50f-5c3ce5e1a9e8', '01a21a97-13bb-74b7-80bb-2badc0d7c885', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'grant', 'exact', 'EUR', NULL, 1000000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 1000000000, 1000000000, 1000000000, 600000000, 600000000, 600000000, 0, 0, 0, 600000000, 2, '2026-11-27 01:20:38.545837+00', '2026-11-27 01:20:38.554919+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-14a6-7352-a0e0-ebb9f308f11e', '01a21a97-13a3-706a-bcdf-a858df3a07da', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, '01a21a97-145d-7476-8e0b-7b12a5df7473', NULL, 'grant', 'exact', 'USD', NULL, 20000000000, NULL, NULL, '2018-03', '2018-03-01', '2018-03-31', NULL, NULL, NULL, NULL, NULL, 'restated', 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0, 1, '2026-11-27 01:20:38.565702+00', '2026-11-27 01:20:38.565702+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-14ae-7270-a824-b567ce4395f1', '01a21a97-13a9-7419-b85c-cd896fd88cd5', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'grant', 'up_to', 'USD', 0, NULL, 100000000000, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 0, NULL, 100000000000, 0, NULL, 100000000000, 0, 0, 0, NULL, 1, '2026-11-27 01:20:38.57372+00', '2026-11-27 01:20:38.57372+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-14b3-7779-9bf5-fc9eef434313', '01a21a97-13b2-70ca-8895-5d3bc2bd64aa', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 01:20:38.579136+00', '2026-11-27 01:20:38.579136+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-14b9-77d8-b515-965d425794cc', NULL, '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'grant', 'between', 'USD', 100, NULL, 200, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 100, NULL, 200, 100, NULL, 200, 0, 0, 0, NULL, 1, '2026-11-27 01:20:38.585355+00', '2026-11-27 01:20:38.585355+00', NULL);
INSERT INTO public.pledges VALUES ('01a21a97-14be-7106-b027-09fd1d53677c', '01a21a97-13a3-706a-bcdf-a858df3a07da', '01a21a97-1445-70e5-83c2-3566cb33f5ec', NULL, NULL, NULL, 'grant', 'exact', 'USD', NULL, 100, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 100, 100, 100, 100, 100, 100, 0, 0, 0, 100, 2, '2026-11-27 01:20:38.590173+00', '2026-11-27 01:20:38.596693+00', '2026-11-27 01:20:38.596693+00');


--
-- Data for Name: rates; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rates VALUES ('01a21a97-1454-737c-a6e5-28c53dc674fe', 'EUR', '2018-02-13', 'ECB', '0.81', 1, '2026-11-27 01:20:38.482605+00', '2026-11-27 01:20:38.482605+00', false);
INSERT INTO public.rates VALUES ('01a21a97-1454-737c-a6e5-28c6b5afae63', 'EUR', '2018-02-14', 'ECB', '0.81', 1, '2026-11-27 01:20:38.482605+00', '2026-11-27 01:20:38.482605+00', false);
INSERT INTO public.rates VALUES ('01a21a97-1459-74f8-8b42-fe0b43e7bea5', 'EUR', '2018-02-15', 'other', '9.9', 1, '2026-11-27 01:20:38.489089+00', '2026-11-27 01:20:38.489089+00', true);


--
-- Data for Name: rollups; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rollups VALUES ('participant', 'USA', '', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'USD', false, 3, 3, 1, 3, 20000000100, 20000000000, 120000000200, 20000000100, 20000000000, 120000000200, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('state', 'open', '', 'USD', false, 2, 2, 0, 2, 100, 0, 100000000200, 100, 0, 100000000200, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'USD', false, 3, 3, 1, 3, 20000000100, 20000000000, 120000000200, 20000000100, 20000000000, 120000000200, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('register', '', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('participant', 'GBR', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'USD', false, 3, 3, 1, 3, 20000000100, 20000000000, 120000000200, 20000000100, 20000000000, 120000000200, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('state', 'partly_paid', '', 'USD', false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'withdrawn', '', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('register', '', '', 'USD', false, 3, 3, 1, 3, 20000000100, 20000000000, 120000000200, 20000000100, 20000000000, 120000000200, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'USD', false, 3, 3, 1, 3, 20000000100, 20000000000, 120000000200, 20000000100, 20000000000, 120000000200, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('state', 'open', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'GBR', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('register', '', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'USA', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'restated', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'KWT', '', 'USD', false, 1, 1, 0, 1, 0, 0, 100000000000, 0, 0, 100000000000, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'KWT', 'USD', false, 1, 1, 0, 1, 0, 0, 100000000000, 0, 0, 100000000000, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('register', '', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'IRQ', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('instrument', 'political', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'open', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'IRQ', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'political', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', '~', '', 'USD', false, 1, 1, 0, 1, 100, 0, 200, 100, 0, 200, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', '~', 'USD', false, 1, 1, 0, 1, 100, 0, 200, 100, 0, 200, 0, 0, 0, 0);


--
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);


--
-- Name: articles articles_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_pkey PRIMARY KEY (id);


--
-- Name: attendance attendance_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (id);


--
-- Name: changes changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);


--
-- Name: citations citations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_pkey PRIMARY KEY (id);


--
-- Name: coalitions coalitions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coalitions
    ADD CONSTRAINT coalitions_pkey PRIMARY KEY (id);


--
-- Name: coalitions coalitions_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coalitions
    ADD CONSTRAINT coalitions_slug_key UNIQUE (slug);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (holder_id, key);


--
-- Name: keys keys_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_hash_key UNIQUE (hash);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);


--
-- Name: meetings meetings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);


--
-- Name: meetings meetings_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_slug_key UNIQUE (slug);


--
-- Name: member_periods member_periods_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_periods
    ADD CONSTRAINT member_periods_pkey PRIMARY KEY (member_id, "position");


--
-- Name: members members_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (id);


--
-- Name: participants participants_code_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_code_key UNIQUE (code);


--
-- Name: participants participants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_pkey PRIMARY KEY (id);


--
-- Name: pledges pledges_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_pkey PRIMARY KEY (id);


--
-- Name: rates rates_currency_date_source_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_currency_date_source_key UNIQUE (currency, date, source);


--
-- Name: rates rates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_pkey PRIMARY KEY (id);


--
-- Name: rollups rollups_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rollups
    ADD CONSTRAINT rollups_pkey PRIMARY KEY (level, key1, key2, currency, restated);


--
-- Name: articles_folded; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX articles_folded ON public.articles USING btree (folded_sha256);


--
-- Name: articles_published; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX articles_published ON public.articles USING btree (published_first, id);


--
-- Name: attendance_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX attendance_live ON public.attendance USING btree (meeting_id, participant_id) WHERE (retracted_at IS NULL);


--
-- Name: attendance_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attendance_participant ON public.attendance USING btree (participant_id);


--
-- Name: changes_record; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX changes_record ON public.changes USING btree (record_id, seq);


--
-- Name: citations_article; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_article ON public.citations USING btree (article_id);


--
-- Name: citations_coalition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_coalition ON public.citations USING btree (coalition_id);


--
-- Name: citations_event; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_event ON public.citations USING btree (event_id);


--
-- Name: citations_meeting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_meeting ON public.citations USING btree (meeting_id);


--
-- Name: citations_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_participant ON public.citations USING btree (participant_id);


--
-- Name: citations_pledge; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_pledge ON public.citations USING btree (pledge_id);


--
-- Name: events_pledge; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_pledge ON public.events USING btree (pledge_id, id);


--
-- Name: idempotency_keys_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_at ON public.idempotency_keys USING btree (at);


--
-- Name: meetings_coalition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_coalition ON public.meetings USING btree (coalition_id);


--
-- Name: meetings_country; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_country ON public.meetings USING btree (country_id);


--
-- Name: meetings_starts; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_starts ON public.meetings USING btree (starts_first, id);


--
-- Name: members_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX members_live ON public.members USING btree (coalition_id, participant_id) WHERE (retracted_at IS NULL);


--
-- Name: members_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX members_participant ON public.members USING btree (participant_id);


--
-- Name: participants_merged_into; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX participants_merged_into ON public.participants USING btree (merged_into);


--
-- Name: pledges_announced; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_announced ON public.pledges USING btree (announced_first, id);


--
-- Name: pledges_beneficiary; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_beneficiary ON public.pledges USING btree (beneficiary_id);


--
-- Name: pledges_meeting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_meeting ON public.pledges USING btree (meeting_id, id);


--
-- Name: pledges_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_parent ON public.pledges USING btree (parent_id);


--
-- Name: pledges_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_participant ON public.pledges USING btree (participant_id, id);


--
-- Name: pledges_restates; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_restates ON public.pledges USING btree (restates_id);


--
-- Name: attendance attendance_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id) ON DELETE CASCADE;


--
-- Name: attendance attendance_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: citations citations_article_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_article_id_fkey FOREIGN KEY (article_id) REFERENCES public.articles(id);


--
-- Name: citations citations_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id) ON DELETE CASCADE;


--
-- Name: citations citations_event_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id) ON DELETE CASCADE;


--
-- Name: citations citations_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id) ON DELETE CASCADE;


--
-- Name: citations citations_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id) ON DELETE CASCADE;


--
-- Name: citations citations_pledge_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;


--
-- Name: events events_pledge_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;


--
-- Name: idempotency_keys idempotency_keys_holder_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES public.keys(id);


--
-- Name: meetings meetings_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id);


--
-- Name: meetings meetings_country_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_country_id_fkey FOREIGN KEY (country_id) REFERENCES public.participants(id);


--
-- Name: member_periods member_periods_member_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_periods
    ADD CONSTRAINT member_periods_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.members(id) ON DELETE CASCADE;


--
-- Name: members members_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id) ON DELETE CASCADE;


--
-- Name: members members_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: participants participants_merged_into_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES public.participants(id);


--
-- Name: pledges pledges_beneficiary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES public.participants(id);


--
-- Name: pledges pledges_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);


--
-- Name: pledges pledges_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.pledges(id);


--
-- Name: pledges pledges_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: pledges pledges_restates_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_restates_id_fkey FOREIGN KEY (restates_id) REFERENCES public.pledges(id);


--
-- PostgreSQL database dump complete
--


